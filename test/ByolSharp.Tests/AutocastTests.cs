using ByolSharp.Images;
using ByolSharp.Images.Backbones;
using ByolSharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Tests;

/// <summary>bfloat16 where it may be, float32 where it must be.</summary>
public sealed class AutocastTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly TempFolder _folder = new();

    [Fact]
    public void Products_are_bfloat16_inside_and_float32_outside_of_the_scope()
    {
        Assert.Equal(ScalarType.Float32, Product());
        using (Lower())
        {
            Assert.Equal(ScalarType.BFloat16, Product());
        }
        Assert.Equal(ScalarType.Float32, Product());
    }

    [Fact]
    public void Float32_needs_no_scope() => Assert.Null(Autocast.Enter(Precision.Float32, DeviceType.CPU));

    [Fact]
    public void Sums_of_squares_exponentials_and_softmax_are_not_what_is_lowered()
    {
        using var lower = Lower();

        Assert.Equal(ScalarType.Float32, ones(4).exp().dtype);
        Assert.Equal(ScalarType.Float32, ones(4).square().sum().dtype);
        Assert.Equal(ScalarType.Float32, nn.functional.softmax(ones(4), 0).dtype);
    }

    [Fact]
    public void Batch_norm_measures_bfloat16_inputs_in_float32()
    {
        var input = (arange(64 * 8, float32) * 0.7).sin().reshape(64, 8).add(3).to(bfloat16);
        using BatchNorm norm = new(8), expected = new(8);
        expected.call(input.to(float32));
        using (Lower())
        {
            norm.call(input);
        }

        Assert.True(norm.get_buffer("running_mean")!.allclose(expected.get_buffer("running_mean")!, 1e-6, 1e-7));
        Assert.True(norm.get_buffer("running_var")!.allclose(expected.get_buffer("running_var")!, 1e-5, 1e-7));
    }

    [Fact]
    public void Scopes_nest_and_an_exception_leaves_the_state_as_it_was()
    {
        using (Lower())
        {
            using (Lower())
            {
                Assert.Equal(ScalarType.BFloat16, Product());
            }
            Assert.Equal(ScalarType.BFloat16, Product());
        }
        Assert.Throws<InvalidOperationException>(Fail);
        Assert.Equal(ScalarType.Float32, Product());

        static void Fail()
        {
            using var lower = Lower();
            throw new InvalidOperationException();
        }
    }

    [Fact]
    public void Another_thread_does_not_see_the_scope()
    {
        using var lower = Lower();
        ScalarType? seen = null;
        var thread = new Thread(() => seen = Product());
        thread.Start();
        thread.Join();

        Assert.Equal(ScalarType.Float32, seen);
        Assert.Equal(ScalarType.BFloat16, Product());
    }

    [Fact]
    public void Weights_that_changed_are_seen_by_the_next_product_in_the_scope()
    {
        var linear = nn.Linear(1, 1, hasBias: false);
        using var lower = Lower();
        float before = linear.call(ones(1, 1)).to(float32).item<float>();
        using (no_grad())
        {
            linear.weight.add_(1);
        }

        Assert.Equal(before + 1, linear.call(ones(1, 1)).to(float32).item<float>(), 0.02f);
    }

    [Theory, InlineData(0), InlineData(1)]
    public void A_step_gives_float32_gradients_and_a_loss_close_to_that_of_float32(int laneThreads)
    {
        using var single = State(Precision.Float32, laneThreads);
        using var lowered = State(Precision.Bfloat16, laneThreads);
        double expected = single.Advance(Batch(), 0.1, 0.05).Loss, actual = lowered.Advance(Batch(), 0.1, 0.05).Loss;

        Assert.NotEqual(expected, actual);
        Assert.Equal(expected, actual, 0.02 * expected);
        Assert.All(lowered.Byol.parameters(), p => Assert.Equal(ScalarType.Float32, p.dtype));
        Assert.All(lowered.Byol.named_buffers().Where(b => b.buffer.is_floating_point()), b => Assert.Equal(ScalarType.Float32, b.buffer.dtype));
        Assert.All(lowered.Optimizer.State, s => Assert.Equal(ScalarType.Float32, s.Value.dtype));
        Assert.Equal(ScalarType.Float32, lowered.LastProjections!.Value.Z1.dtype);
        double cosine = nn.functional.cosine_similarity(single.OnlineArena.Gradients!, lowered.OnlineArena.Gradients!, 0, 1e-12).item<float>();
        Assert.InRange(cosine, 0.95, 1); // eight bits of a number, and batch norm over sixteen samples magnifies what they round
    }

    [Fact]
    public void Lanes_give_the_bits_of_one_lane()
    {
        using var one = State(Precision.Bfloat16, laneThreads: 0);
        using var two = State(Precision.Bfloat16, laneThreads: 1);
        for (int step = 0; step < 3; step++)
        {
            Assert.Equal(one.Advance(Batch(), 0.1, 0.05), two.Advance(Batch(), 0.1, 0.05));
        }

        Assert.True(one.OnlineArena.Values.eq(two.OnlineArena.Values).all().item<bool>());
    }

    [Fact]
    public void An_increment_of_the_target_by_one_in_ten_thousand_is_not_lost()
    {
        using var state = State(Precision.Bfloat16, laneThreads: 0);
        using var gradients = no_grad();
        state.OnlineArena.Values.fill_(2);
        state.TargetArena.Values.fill_(1);
        MovingAverage.Update(state.TargetArena, state.OnlineArena, 1e-4);

        Assert.All(state.TargetArena.Values.data<float>().ToArray(), x => Assert.Equal(1.0001f, x, 1e-7f));
    }

    [Fact]
    public void Stopping_and_resuming_gives_the_same_bits()
    {
        byte[] whole = Train("whole", steps: [6]);

        Assert.Equal(whole, Train("parts", steps: [2, 6]));
    }

    [Fact]
    public void A_training_on_a_CPU_warns_that_it_is_slow()
    {
        var messages = new Messages();
        Train("warned", steps: [1], messages);

        Assert.Contains(messages.All, m => m.Contains("bf16 instructions", StringComparison.Ordinal));
    }

    [Fact]
    public void A_function_that_a_libtorch_lacks_is_named_with_the_mend()
    {
        var error = Assert.Throws<ConfigurationException>(() => Autocast.Find("7missingEv"));

        Assert.Contains("_ZN2at8autocast7missingEv", error.Message, StringComparison.Ordinal);
        Assert.Contains("set it to float32", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_option_shapes_the_result() =>
        Assert.NotEqual(SmallRun.Options().Hash(), OptionsJson.Set(SmallRun.Options(), "trainer.precision=bfloat16").Hash());

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    private static Autocast Lower() => Autocast.Enter(Precision.Bfloat16, DeviceType.CPU)!;

    private static ScalarType Product()
    {
        using var scope = NewDisposeScope();
        return ones(2, 2).mm(ones(2, 2)).dtype;
    }

    private static TrainState State(Precision precision, int laneThreads)
    {
        int made = 0;
        var byol = new ByolSharp.Byol(
            () => BackboneFactory.Create(new() { Name = "resnet8", WidthMultiplier = 0.5, ImageSize = 16 }, made++), new() { HiddenSize = 32, ProjectionSize = 8 })
        { Precision = precision };
        return new(byol, new OnlineClassifier(byol.Online.Encoder.RepresentationSize, 3, 0), new(), laneThreads: laneThreads);
    }

    private static ViewBatch Batch()
    {
        var views = (arange(16 * 3 * 16 * 16, float32) * 0.37).sin().reshape(16, 3, 16, 16);
        return new(views, views.flip(3) + 0.1, arange(16, int64).remainder(3));
    }

    /// <summary>Trains in one process, stopping after each of the given numbers of steps; gives the encoder.</summary>
    private byte[] Train(string name, int[] steps, ITrainingObserver? observer = null)
    {
        var options = SmallRun.Options(7);
        options = options with { Trainer = options.Trainer with { Precision = Precision.Bfloat16, Duration = Duration.OfSteps(steps[^1]) } };
        using var data = new GeneratedImages(new GeneratedImageOptions { Count = 32 });
        foreach (int step in steps)
        {
            using var run = RunDirectory.Open(_folder.Of(name), ExistingRun.Resume);
            using var stop = new CancellationTokenSource();
            Pretraining.Run(options, run, data, observer: new StopAt(step, stop, observer), cancellation: stop.Token);
        }
        return File.ReadAllBytes(Path.Combine(_folder.Of(name), "encoder.safetensors"));
    }
}
