using ByolSharp.Images.Backbones;
using ByolSharp.Training;
using static TorchSharp.torch;

namespace ByolSharp.Tests;

/// <summary>Both views at once give what one after the other gives.</summary>
public sealed class SecondLaneTests
{
    [Theory, InlineData(PredictorKind.Mlp), InlineData(PredictorKind.DirectPred)]
    public void Two_lanes_train_to_the_same_bits_as_one(PredictorKind predictor)
    {
        using var scope = NewDisposeScope();
        var options = new ByolOptions { HiddenSize = 32, ProjectionSize = 8, Predictor = predictor, VarianceWeight = 1, CovarianceWeight = 0.1 };
        using var one = Trained(options, laneThreads: 0);
        using var two = Trained(options, laneThreads: 1);

        Assert.True(one.OnlineArena.Values.eq(two.OnlineArena.Values).all().item<bool>());
        Assert.True(one.TargetArena.Values.eq(two.TargetArena.Values).all().item<bool>());
        foreach (var ((name, a), (_, b)) in one.Byol.named_buffers().Zip(two.Byol.named_buffers()))
        {
            Assert.True(a.allclose(b, 1e-6, 1e-7), name); // running statistics are added up in another order of operations
        }
    }

    [Fact]
    public void What_fails_in_the_second_lane_is_thrown_in_the_first_and_the_lane_goes_on()
    {
        using var lane = new SecondLane(1);

        Assert.Equal("no", Assert.Throws<InvalidOperationException>(() => lane.Run(() => 1, () => throw new InvalidOperationException("no"))).Message);
        Assert.Equal((1, 2), lane.Run(() => 1, () => 2));
    }

    [Fact]
    public void The_lanes_are_two_threads()
    {
        using var lane = new SecondLane(1);
        var (first, second) = lane.Run(() => (Environment.CurrentManagedThreadId, SecondLane.IsCurrent), () => (Environment.CurrentManagedThreadId, SecondLane.IsCurrent));

        Assert.NotEqual(first.CurrentManagedThreadId, second.CurrentManagedThreadId);
        Assert.Equal((false, true), (first.IsCurrent, second.IsCurrent));
    }

    private static TrainState Trained(ByolOptions options, int laneThreads)
    {
        int made = 0;
        var byol = new ByolSharp.Byol(() => BackboneFactory.Create(new() { Name = "resnet8", WidthMultiplier = 0.5, ImageSize = 16 }, made++), options);
        var state = new TrainState(byol, new OnlineClassifier(byol.Online.Encoder.RepresentationSize, 3, 0), new(), laneThreads: laneThreads);
        for (int step = 0; step < 4; step++)
        {
            using var scope = NewDisposeScope();
            var views = (arange(16 * 3 * 16 * 16, float32) * (step + 1) * 0.37).sin().reshape(16, 3, 16, 16);
            state.Advance(new(views, views.flip(3) + 0.1, arange(16, int64).remainder(3)), 0.1, 0.05);
        }
        return state;
    }
}
