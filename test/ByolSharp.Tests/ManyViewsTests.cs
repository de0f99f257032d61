using ByolSharp.Images.Backbones;
using ByolSharp.Training;
using static TorchSharp.torch;

namespace ByolSharp.Tests;

/// <summary>More than two views of a sample, and one view in memory at a time.</summary>
public sealed class ManyViewsTests
{
    [Fact]
    public void A_view_predicts_the_mean_of_all_others()
    {
        using var scope = NewDisposeScope();
        using var byol = new ByolSharp.Byol(() => new TinyBackbone(), new() { HiddenSize = 8, ProjectionSize = 3, Predictor = PredictorKind.None });
        var z = tensor(new float[] { 1, 2, 3 }, [1, 3]);
        Tensor[] others = [tensor(new float[] { 3, 2, 1 }, [1, 3]), tensor(new float[] { -1, -2, -3 }, [1, 3]), tensor(new float[] { 2, 4, 6 }, [1, 3])];

        // Squared distances of unit vectors: 2 - 2 * 10/14, 4 and 0.
        Assert.Equal((0.571428571 + 4 + 0) / 3, byol.Predict(z, others).Loss.item<float>(), 1e-6);
        Assert.Equal(0.571428571, byol.Predict(z, others[..1]).Loss.item<float>(), 1e-6);
    }

    [Fact]
    public void The_loss_of_a_step_is_the_sum_over_all_ordered_pairs()
    {
        using var scope = NewDisposeScope();
        using var state = State(PredictorKind.Mlp, laneThreads: 0);
        Tensor[] views = [.. Enumerable.Range(0, 3).Select(Views)];
        var encoded = views.Select(view => state.Byol.Encode(ChannelsLast.Convert(view))).ToArray();
        double expected = 0;
        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < 3; j++)
            {
                if (i != j)
                {
                    var prediction = state.Byol.Predictor.call(encoded[i].Projection);
                    expected += ByolSharp.Byol.RegressionLoss(prediction, encoded[j].TargetProjection).mean().item<float>() / 2;
                }
            }
        }

        double loss = state.Advance(new(views, zeros(8, int64)), 0.1, 0.1).Loss;

        Assert.Equal(expected, loss, 1e-4);
    }

    [Theory, InlineData(PredictorKind.Mlp), InlineData(PredictorKind.DirectPred)]
    public void Two_views_give_the_same_bits_however_they_are_computed(PredictorKind predictor)
    {
        using var scope = NewDisposeScope();
        using var oneByOne = State(predictor, laneThreads: 0);
        using var atOnce = State(predictor, laneThreads: 1);

        for (int step = 0; step < 3; step++)
        {
            var batch = new ViewBatch(Views(2 * step), Views(2 * step + 1), zeros(8, int64));
            Assert.Equal(oneByOne.Advance(batch, 0.1, 0.1).Loss, atOnce.Advance(batch, 0.1, 0.1).Loss);
        }

        Assert.True(oneByOne.OnlineArena.Values.eq(atOnce.OnlineArena.Values).all().item<bool>());
        Assert.True(oneByOne.TargetArena.Values.eq(atOnce.TargetArena.Values).all().item<bool>());
    }

    [Theory, InlineData(PredictorKind.Mlp), InlineData(PredictorKind.DirectPred)]
    public void Four_views_train(PredictorKind predictor)
    {
        using var scope = NewDisposeScope();
        using var state = State(predictor, laneThreads: 1); // of which more than two views make no use

        double first = state.Advance(Batch(), 0.05, 0.05).Loss, last = first;
        for (int step = 0; step < 15; step++)
        {
            last = state.Advance(Batch(), 0.05, 0.05).Loss;
        }

        Assert.InRange(first, 0, 16);
        Assert.True(last < first, $"the loss went from {first} to {last}");

        ViewBatch Batch() => new([.. Enumerable.Range(0, 4).Select(Views)], zeros(8, int64));
    }

    private static Tensor Views(int number) => (arange(8 * 3 * 16 * 16, float32) * 0.37 + number).sin().reshape(8, 3, 16, 16);

    private static TrainState State(PredictorKind predictor, int laneThreads)
    {
        int made = 0;
        var byol = new ByolSharp.Byol(
            () => BackboneFactory.Create(new() { Name = "resnet8", WidthMultiplier = 0.5, ImageSize = 16 }, made++),
            new() { HiddenSize = 32, ProjectionSize = 8, Predictor = predictor });
        return new(byol, null, new(), laneThreads: laneThreads);
    }
}
