using ByolSharp.Optimizers;
using ByolSharp.Training;
using CsCheck;
using static TorchSharp.torch;

namespace ByolSharp.Tests;

/// <summary>The invariants of a correct implementation that concern the model and its step.</summary>
public sealed class ByolTests
{
    private static readonly ByolOptions Small = new() { HiddenSize = 32, ProjectionSize = 8 };

    [Theory]
    [InlineData(new float[] { 1, 2, 3 }, new float[] { 3, 2, 1 }, 0.571428571)]
    [InlineData(new float[] { 1, 2, 3 }, new float[] { -1, -2, -3 }, 4)]
    [InlineData(new float[] { 1, 0 }, new float[] { 0, 5 }, 2)]
    [InlineData(new float[] { 0, 0 }, new float[] { 3, 4 }, 1)]
    [InlineData(new float[] { 1, 2 }, new float[] { 10, 20 }, 0)]
    public void Regression_loss_has_the_golden_values(float[] prediction, float[] target, double expected) =>
        Assert.Equal(expected, Loss(prediction, target), 1e-6);

    [Fact]
    public void Loss_lies_between_0_and_4_and_ignores_positive_scale() =>
        Gen.Float[-5, 5].Array[6].Select(Gen.Float[-5, 5].Array[6], Gen.Float[0.1f, 10]).Sample((p, t, scale) =>
        {
            double loss = Loss(p, t);
            double scaled = Loss([.. p.Select(x => x * scale)], t);
            return loss is >= -1e-6 and <= 4 + 1e-6 && (Norm(p) < 1e-3 || Math.Abs(loss - scaled) < 1e-4);
        }, iter: 200);

    [Fact]
    public void Gradient_equals_finite_differences_and_is_orthogonal_to_the_prediction()
    {
        using var scope = NewDisposeScope();
        var p = tensor(new double[] { 0.3, -1.2, 0.7, 2.0 }, requires_grad: true);
        var t = tensor(new double[] { 1.0, 0.2, -0.5, 0.4 });
        ByolSharp.Byol.RegressionLoss(p.unsqueeze(0), t.unsqueeze(0)).sum().backward();
        double[] gradient = [.. p.grad!.data<double>()];
        double[] values = [.. p.detach().data<double>()];

        Assert.Equal(0, gradient.Zip(values, (g, v) => g * v).Sum(), 1e-12);
        for (int i = 0; i < values.Length; i++)
        {
            Assert.Equal(Difference(values, t, i), gradient[i], 1e-6);
        }

        static double Difference(double[] at, Tensor t, int i)
        {
            const double h = 1e-6;
            double Value(double shift)
            {
                double[] moved = [.. at];
                moved[i] += shift;
                return ByolSharp.Byol.RegressionLoss(tensor(moved).unsqueeze(0), t.unsqueeze(0)).item<double>();
            }
            return (Value(h) - Value(-h)) / (2 * h);
        }
    }

    [Fact]
    public void A_zero_prediction_has_a_finite_gradient()
    {
        using var scope = NewDisposeScope();
        var p = zeros(1, 4, requires_grad: true);
        ByolSharp.Byol.RegressionLoss(p, ones(1, 4)).sum().backward();

        Assert.All(p.grad!.data<float>(), g => Assert.True(float.IsFinite(g)));
    }

    [Fact]
    public void Swapping_the_views_gives_the_same_loss()
    {
        using var scope = NewDisposeScope();
        using var byol = Create(Small);
        byol.eval();
        var (v1, v2) = Views(8);

        Assert.Equal(byol.Forward(v1, v2).Loss.item<float>(), byol.Forward(v2, v1).Loss.item<float>(), 1e-6);
    }

    [Fact]
    public void Total_loss_lies_between_0_and_8_and_the_target_gets_no_gradient()
    {
        using var scope = NewDisposeScope();
        using var byol = Create(Small);
        var (v1, v2) = Views(8);
        var loss = byol.Forward(v1, v2).Loss;
        loss.backward();

        Assert.InRange(loss.item<float>(), 0, 8);
        Assert.All(byol.Target.parameters(), p => Assert.True(p.grad is null && !p.requires_grad));
        Assert.All(byol.Online.parameters().Concat(byol.Predictor.parameters()), p => Assert.NotNull(p.grad));
    }

    [Fact]
    public void The_target_is_absent_from_the_optimizer_and_the_predictor_from_the_target()
    {
        using var state = CreateState(Small);

        Assert.DoesNotContain(state.OnlineArena.Segments, s => s.Name.StartsWith("target.", StringComparison.Ordinal));
        Assert.All(state.TargetArena.Segments.Zip(state.OnlineArena.Segments), pair =>
            Assert.Equal(pair.First.Name.Replace("target.", "online.", StringComparison.Ordinal), pair.Second.Name));
        Assert.DoesNotContain(state.TargetArena.Segments, s => s.Name.Contains("predictor", StringComparison.Ordinal));
    }

    [Fact]
    public void Disturbing_the_target_path_leaves_a_gradient_only_through_the_prediction()
    {
        // Gradients of the online network must equal those with the target's projections as plain constants.
        using var scope = NewDisposeScope();
        using var byol = Create(Small);
        byol.eval();
        var (v1, v2) = Views(8);
        byol.Forward(v1, v2).Loss.backward();
        float[] whole = Gradients(byol);
        byol.zero_grad();
        Tensor t1 = byol.Target.call(v1).Projection.detach(), t2 = byol.Target.call(v2).Projection.detach();
        var q1 = byol.Predictor.call(byol.Online.call(v1).Projection);
        var q2 = byol.Predictor.call(byol.Online.call(v2).Projection);
        (ByolSharp.Byol.RegressionLoss(q1, t2) + ByolSharp.Byol.RegressionLoss(q2, t1)).mean().backward();

        Assert.Equal(whole, Gradients(byol));
    }

    [Fact]
    public void The_online_classifier_leaves_the_encoder_gradients_alone()
    {
        float[] without = StepAndGetEncoderGradients(withClassifier: false);
        float[] with = StepAndGetEncoderGradients(withClassifier: true);

        Assert.Equal(without, with);

        static float[] StepAndGetEncoderGradients(bool withClassifier)
        {
            using var state = CreateState(Small, withClassifier: withClassifier);
            using var scope = NewDisposeScope();
            state.Advance(Batch(8), 0.1, 0.01);
            return [.. state.OnlineArena.Gradients!.narrow(0, 0, state.TargetArena.Values.numel()).data<float>()];
        }
    }

    [Fact]
    public void Copied_target_equals_the_online_network_bit_for_bit_and_an_independent_one_differs()
    {
        using var copy = Create(Small with { TargetStart = TargetStart.Copy });
        using var independent = Create(Small with { TargetStart = TargetStart.Independent });

        Assert.True(SameState(copy));
        Assert.False(SameState(independent));

        static bool SameState(ByolSharp.Byol byol)
        {
            var online = byol.Online.state_dict();
            return byol.Target.state_dict().All(e => e.Value.eq(online[e.Key]).all().item<bool>());
        }
    }

    [Fact]
    public void Each_network_normalises_each_view_by_itself()
    {
        using var scope = NewDisposeScope();
        using var byol = Create(Small);
        var (v1, v2) = Views(8);
        var joint = byol.Online.call(cat([v1, v2])).Projection.narrow(0, 0, 8);
        var separate = byol.Online.call(v1).Projection;
        var output = byol.Forward(v1, v2);

        Assert.False(separate.allclose(joint, 1e-3, 1e-3));
        Assert.True(separate.allclose(output.Projection1));
    }

    [Fact]
    public void Batch_statistics_update_once_per_view_and_network_and_never_in_evaluation()
    {
        using var scope = NewDisposeScope();
        using var byol = Create(Small);
        var (v1, v2) = Views(8);
        byol.Forward(v1, v2);

        Assert.Equal(2, Count(byol.Online));
        Assert.Equal(2, Count(byol.Target));
        byol.eval();
        byol.Forward(v1, v2);
        Assert.Equal(2, Count(byol.Online));
        Assert.NotEqual(Mean(byol.Online), Mean(byol.Target));

        static long Count(Network network) => network.state_dict()["encoder.bn1.num_batches_tracked"].item<long>();
        static float Mean(Network network) => network.state_dict()["encoder.bn1.running_mean"].sum().item<float>();
    }

    [Fact]
    public void Eman_moves_the_statistics_with_the_parameters_and_keeps_the_target_in_evaluation_mode()
    {
        using var scope = NewDisposeScope();
        using var state = CreateState(Small with { TargetBatchNorm = TargetBatchNorm.Eman, TargetStart = TargetStart.Copy });
        var before = Statistics(state.Byol.Target).clone();
        state.Advance(Batch(8), 0.1, 0.25);
        var expected = before + 0.25f * (Statistics(state.Byol.Online) - before);

        Assert.False(state.Byol.Target.training);
        Assert.True(Statistics(state.Byol.Target).allclose(expected, 1e-6, 1e-6));

        static Tensor Statistics(Network network) => network.state_dict()["encoder.bn1.running_mean"];
    }

    [Fact]
    public void A_normalised_projection_is_centred_with_deviation_1_and_has_nothing_to_learn_there()
    {
        using var scope = NewDisposeScope();
        using var byol = Create(Small with { ProjectionNorm = HeadNorm.Batch });
        using var published = Create(Small);
        var z = byol.Forward(Noise(16, 0, view: 0), Noise(16, 0, view: 1)).Projection1;

        Assert.True(z.mean([0]).abs().max().item<float>() < 1e-6);
        Assert.True((z.var(0, unbiased: false) - 1).abs().max().item<float>() < 1e-3);
        Assert.Equal(published.named_parameters().Select(p => p.name), byol.named_parameters().Select(p => p.name));
        Assert.Contains("online.projector.output_bn.running_mean", byol.state_dict().Keys);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Moving_average_matches_its_closed_form_and_copies_exactly_at_tau_0(bool inMemory)
    {
        using var scope = NewDisposeScope();
        using var state = CreateState(Small);
        var online = state.OnlineArena.Values.narrow(0, 0, state.TargetArena.Values.numel());
        var start = state.TargetArena.Values.clone();
        for (int i = 0; i < 10; i++)
        {
            Follow(state, inMemory, 0.1);
        }
        var expected = online + Math.Pow(0.9, 10) * (start - online);

        Assert.True(state.TargetArena.Values.allclose(expected, 1e-6, 1e-6));
        var unchanged = state.TargetArena.Values.clone();
        Follow(state, inMemory, 0);
        Assert.True(state.TargetArena.Values.eq(unchanged).all().item<bool>());
        Follow(state, inMemory, 1);
        Assert.True(state.TargetArena.Values.eq(online).all().item<bool>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_tiny_average_step_is_not_lost_in_single_precision(bool inMemory)
    {
        using var state = CreateState(Small);
        state.OnlineArena.Values.fill_(2);
        state.TargetArena.Values.fill_(1);
        Follow(state, inMemory, 1e-4);

        Assert.Equal(1.0001, state.TargetArena.Values[0].item<float>(), 1e-7);
    }

    [Fact]
    public void The_target_follows_the_online_weights_of_after_the_optimizer_step()
    {
        using var scope = NewDisposeScope();
        using var state = CreateState(Small);
        state.Advance(Batch(8), learningRate: 1, targetUpdateRate: 1);

        Assert.True(state.TargetArena.Values.eq(state.OnlineArena.Values.narrow(0, 0, state.TargetArena.Values.numel())).all().item<bool>());
    }

    [Fact]
    public void Step_0_changes_no_online_parameter_but_fills_the_momentum()
    {
        using var scope = NewDisposeScope();
        using var state = CreateState(Small);
        var before = state.OnlineArena.Values.clone();
        state.Advance(Batch(8), learningRate: 0, targetUpdateRate: 0.01);

        Assert.True(state.OnlineArena.Values.eq(before).all().item<bool>());
        Assert.True(state.Optimizer.State[0].Value.norm().item<float>() > 0);
    }

    [Fact]
    public void Accumulated_parts_equal_the_whole_batch_where_no_layer_uses_batch_statistics()
    {
        var options = Small with { HeadNorm = HeadNorm.Layer };
        using var scope = NewDisposeScope();
        using var whole = CreateState(options, createBackbone: () => new NormFreeBackbone());
        using var parts = CreateState(options, createBackbone: () => new NormFreeBackbone());
        for (int i = 0; i < 3; i++)
        {
            var batch = Batch(8, seed: i);
            whole.Advance(batch, 0.1, 0.05);
            parts.Advance(batch, 0.1, 0.05, accumulationSteps: 4);
        }

        Assert.Equal(3, parts.Step);
        Assert.True(parts.OnlineArena.Values.allclose(whole.OnlineArena.Values, 1e-5, 1e-6));
        Assert.True(parts.TargetArena.Values.allclose(whole.TargetArena.Values, 1e-5, 1e-6));
    }

    [Fact]
    public void Predictor_learning_rate_scale_moves_the_predictor_alone()
    {
        using var scope = NewDisposeScope();
        using var plain = CreateState(Small);
        using var scaled = CreateState(Small with { PredictorLearningRateScale = 10 });
        plain.Advance(Batch(8), 0.1, 0.01);
        scaled.Advance(Batch(8), 0.1, 0.01);
        long encoderAndProjector = plain.TargetArena.Values.numel();

        Assert.True(Part(plain, 0, encoderAndProjector).eq(Part(scaled, 0, encoderAndProjector)).all().item<bool>());
        Assert.False(Part(plain, encoderAndProjector, 100).eq(Part(scaled, encoderAndProjector, 100)).all().item<bool>());

        static Tensor Part(TrainState state, long start, long length) => state.OnlineArena.Values.narrow(0, start, length);
    }

    [Fact]
    public void A_loss_that_is_no_number_stops_before_anything_is_updated()
    {
        using var scope = NewDisposeScope();
        using var state = CreateState(Small);
        var before = state.OnlineArena.Values.clone();
        var batch = Batch(8);
        batch.V1.fill_(float.NaN);

        var error = Assert.Throws<TrainingStoppedException>(() => state.Advance(batch, 0.1, 0.01));
        Assert.Contains("step 0", error.Message, StringComparison.Ordinal);
        Assert.True(state.OnlineArena.Values.eq(before).all().item<bool>());
    }

    private static ByolSharp.Byol Create(ByolOptions options, Func<Backbone>? createBackbone = null)
    {
        int made = 0;
        return new(createBackbone ?? (() => new TinyBackbone(made++)), options);
    }

    private static TrainState CreateState(ByolOptions options, bool withClassifier = false, Func<Backbone>? createBackbone = null)
    {
        var byol = Create(options, createBackbone);
        return new(byol, withClassifier ? new OnlineClassifier(16, 4) : null, new OptimizerOptions());
    }

    /// <summary>The target's step alone: in blocks, or as on a GPU.</summary>
    private static void Follow(TrainState state, bool inMemory, double rate)
    {
        if (!inMemory)
        {
            MovingAverage.Update(state.TargetArena, state.OnlineArena, rate);
            return;
        }
        var work = MovingAverage.InMemory(state.TargetArena, state.OnlineArena, rate);
        foreach (var segment in state.TargetArena.Segments)
        {
            BlockLoop.Run(segment, work);
        }
    }

    private static (Tensor V1, Tensor V2) Views(int count, int seed = 0) => (Noise(count, seed, view: 0), Noise(count, seed, view: 1));

    /// <summary>Standard normal images; torch's own generator is shared by tests that run at the same time.</summary>
    private static Tensor Noise(int count, int seed, int view)
    {
        var random = new SampleRandom(seed, view: view);
        return tensor(Enumerable.Range(0, count * 3 * 8 * 8).Select(_ => (float)random.NextNormal()).ToArray()).reshape(count, 3, 8, 8);
    }

    private static ViewBatch Batch(int count, int seed = 0)
    {
        var (v1, v2) = Views(count, 100 + seed);
        return new(v1, v2, arange(count, int64).remainder(4));
    }

    private static float[] Gradients(ByolSharp.Byol byol) =>
        [.. byol.Online.parameters().Concat(byol.Predictor.parameters()).SelectMany(p => p.grad!.contiguous().data<float>())];

    private static double Loss(float[] prediction, float[] target)
    {
        using var scope = NewDisposeScope();
        return ByolSharp.Byol.RegressionLoss(tensor(prediction).unsqueeze(0), tensor(target).unsqueeze(0)).item<float>();
    }

    private static double Norm(float[] x) => Math.Sqrt(x.Sum(v => (double)v * v));

    /// <summary>A backbone without batch statistics.</summary>
    private sealed class NormFreeBackbone : Backbone
    {
        private readonly TorchSharp.Modules.Conv2d _conv = nn.Conv2d(3, 16, 3, padding: 1);

        public NormFreeBackbone() : base(nameof(NormFreeBackbone))
        {
            RegisterComponents();
            Initialization.Apply(this, InitializationScheme.Torch, seed: 0);
        }

        public override int RepresentationSize => 16;

        public override Tensor forward(Tensor views) => nn.functional.relu(_conv.call(views)).mean([2, 3]);
    }
}
