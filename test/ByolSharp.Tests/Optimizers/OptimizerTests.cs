using ByolSharp.Optimizers;
using TorchSharp;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace ByolSharp.Tests.Optimizers;

/// <summary>Golden values computed by hand in double precision from the authors' update rule (invariants 10 and 11).</summary>
public sealed class OptimizerTests
{
    private static readonly OptimizerOptions Golden = new() { WeightDecay = 0.1, TrustCoefficient = 1e-3, Momentum = 0.9 };

    [Fact]
    public void Lars_adapts_weights_as_the_authors_do()
    {
        using var one = new OneParameter(Golden, [3, 4], [1, 2]);

        Assert.Equal([2.9985, 3.998], one.Step([0.6, 0.8], 0.5), Near(2e-7));
        Assert.Equal([2.99565075, 3.994201], one.Step([0.6, 0.8], 0.5), Near(3e-7));
    }

    [Fact]
    public void Lars_moves_vectors_by_plain_heavy_ball_without_weight_decay()
    {
        using var one = new OneParameter(Golden, [3, 4], [2]);

        Assert.Equal([2.7, 3.6], one.Step([0.6, 0.8], 0.5), Near(1e-6));
        Assert.Equal([2.13, 2.84], one.Step([0.6, 0.8], 0.5), Near(1e-6));
    }

    [Theory]
    [InlineData(LarsFormula.Official, 0.00291042750, -0.00072760688, 0)]
    [InlineData(LarsFormula.Common, 0.00177997770, -0.00044499443, 0)]
    public void Trust_ratio_uses_the_norm_that_the_formula_names(LarsFormula formula, double u0, double u1, double u2)
    {
        using var one = new OneParameter(Golden with { LarsFormula = formula }, [1, -2, 2], [1, 3]);
        one.Step([0.3, 0.1, -0.2], 1);

        Assert.Equal([u0, u1, u2], one.State("momentum"), Near(1e-9));
    }

    [Fact]
    public void Trust_ratio_is_one_for_a_zero_weight()
    {
        using var one = new OneParameter(Golden, [0, 0], [1, 2]);

        Assert.Equal([-0.3, -0.4], one.Step([0.6, 0.8], 0.5), Near(1e-6));
    }

    [Fact]
    public void Lars_direction_ignores_the_scale_of_the_loss_for_weights_but_not_for_vectors()
    {
        var options = Golden with { WeightDecay = 0 };
        using var weight = new OneParameter(options, [1, 2], [1, 2]);
        using var scaledWeight = new OneParameter(options, [1, 2], [1, 2]);
        using var bias = new OneParameter(options, [1, 2], [2]);
        using var scaledBias = new OneParameter(options, [1, 2], [2]);

        Assert.Equal(weight.Step([0.3, -0.1], 1), scaledWeight.Step([1.2, -0.4], 1), Near(1e-6));
        Assert.NotEqual(bias.Step([0.3, -0.1], 1), scaledBias.Step([1.2, -0.4], 1), Near(1e-3));
    }

    [Fact]
    public void Trust_ratios_are_each_parameters_own()
    {
        using var first = nn.Linear(2, 1, hasBias: false);
        using var second = nn.Linear(2, 1, hasBias: false);
        using (no_grad())
        {
            first.weight!.copy_(tensor(new float[,] { { 3, 4 } }));
            second.weight!.copy_(tensor(new float[,] { { 30, 40 } }));
        }
        using var arena = ParameterArena.Flatten([("first", first), ("second", second)], withGradients: true);
        using var optimizer = Optimizer.Create(arena, Golden with { WeightDecay = 0 });
        arena.Gradients!.copy_(tensor(new float[] { 0.6f, 0.8f, 0.6f, 0.8f }));
        optimizer.Step(1);

        Assert.Equal([2.997, 3.996, 29.97, 39.96], arena.Values.data<float>().Select(v => (double)v), Near(1e-5));
    }

    [Fact]
    public void Sgd_is_heavy_ball_with_weight_decay_on_weights_only()
    {
        var options = Golden with { Kind = OptimizerKind.Sgd };
        using var weight = new OneParameter(options, [3, 4], [1, 2]);
        using var bias = new OneParameter(options, [3, 4], [2]);

        Assert.Equal([2.55, 3.4], weight.Step([0.6, 0.8], 0.5), Near(1e-6));
        Assert.Equal([2.7, 3.6], bias.Step([0.6, 0.8], 0.5), Near(1e-6));
    }

    [Fact]
    public void Nesterov_counts_the_gradient_beside_the_momentum_that_it_went_into()
    {
        var options = Golden with { Kind = OptimizerKind.Sgd, Nesterov = true };
        using var weight = new OneParameter(options, [3, 4], [1, 2]);
        using var tensors = new OneParameter(options with { UseTensorOperations = true }, [3, 4], [1, 2]);

        // u = g + wd p = (0.9, 1.2), mu = u, p - 0.5 (u + 0.9 mu); then u = (0.8145, 1.086), mu = 0.9 mu + u = (1.6245, 2.166)
        Assert.All([weight, tensors], one => Assert.Equal([2.145, 2.86], one.Step([0.6, 0.8], 0.5), Near(1e-6)));
        Assert.All([weight, tensors], one => Assert.Equal([1.006725, 1.3423], one.Step([0.6, 0.8], 0.5), Near(1e-6)));
    }

    [Fact]
    public void AdamW_equals_the_library_optimizer()
    {
        var options = new OptimizerOptions { Kind = OptimizerKind.AdamW, WeightDecay = 0.05, Momentum = 0.9, Beta2 = 0.95 };
        using var ours = new OneParameter(options, [1, -2, 3], [1, 3]);
        using var p = new Parameter(tensor(new float[] { 1, -2, 3 }));
        using var theirs = optim.AdamW([p], lr: 0.01, beta1: 0.9, beta2: 0.95, eps: 1e-8, weight_decay: 0.05);
        var random = new SampleRandom(1);
        for (int i = 0; i < 20; i++)
        {
            double[] g = [random.NextNormal(), random.NextNormal(), random.NextNormal()];
            p.grad = tensor(g.Select(x => (float)x).ToArray());
            theirs.step();

            Assert.Equal(p.data<float>().Select(v => (double)v), ours.Step(g, 0.01), Near(1e-5));
        }
    }

    [Theory]
    [InlineData(OptimizerKind.Lars, false)]
    [InlineData(OptimizerKind.Lars, true)]
    [InlineData(OptimizerKind.Sgd, false)]
    [InlineData(OptimizerKind.Sgd, true)]
    [InlineData(OptimizerKind.AdamW, false)]
    public void One_pass_over_main_memory_does_what_the_tensor_operations_of_other_devices_do(OptimizerKind kind, bool nesterov)
    {
        using var scope = NewDisposeScope();
        using var fused = new Followed(new() { Kind = kind, WeightDecay = 0.01, Nesterov = nesterov });
        using var tensors = new Followed(new() { Kind = kind, WeightDecay = 0.01, Nesterov = nesterov, UseTensorOperations = true });
        for (int i = 0; i < 5; i++)
        {
            fused.Step(0.1, 0.3);
            tensors.Step(0.1, 0.3);
        }

        Assert.True(fused.Online.Values.allclose(tensors.Online.Values, 1e-5, 1e-6));
        Assert.True(fused.Target.Values.allclose(tensors.Target.Values, 1e-5, 1e-6));
        Assert.All(fused.Optimizer.State.Zip(tensors.Optimizer.State), s => Assert.True(s.First.Value.allclose(s.Second.Value, 1e-5, 1e-9), s.First.Name));
    }

    [Fact]
    public void A_zero_learning_rate_changes_no_parameter_but_fills_the_momentum()
    {
        using var one = new OneParameter(Golden, [3, 4], [1, 2]);

        Assert.Equal([3, 4], one.Step([0.6, 0.8], 0), Near(0));
        Assert.True(one.State("momentum").All(m => m > 0));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-1)]
    [InlineData(double.PositiveInfinity)]
    public void Learning_rates_that_are_no_rates_are_refused_by_key(double rate)
    {
        var error = Assert.Throws<ConfigurationException>(() => new OptimizerOptions { BaseLearningRate = rate }.Validate());

        Assert.Contains("optimizer.baseLearningRate", error.Message, StringComparison.Ordinal);
    }

    private static NearComparer Near(double tolerance) => new(tolerance);

    /// <summary>An arena with a single parameter of the given values and shape.</summary>
    private sealed class OneParameter : IDisposable
    {
        private readonly Holder _holder;
        private readonly ParameterArena _arena;
        private readonly Optimizer _optimizer;

        public OneParameter(OptimizerOptions options, float[] values, long[] shape)
        {
            _holder = new(tensor(values).reshape(shape));
            _arena = ParameterArena.Flatten([("one", _holder)], withGradients: true);
            _optimizer = Optimizer.Create(_arena, options);
        }

        public double[] Step(double[] gradient, double learningRate)
        {
            _arena.Gradients!.copy_(tensor(gradient.Select(g => (float)g).ToArray()));
            _optimizer.Step(learningRate);
            return [.. _arena.Values.data<float>().Select(v => (double)v)];
        }

        public double[] State(string name) => [.. _optimizer.State.Single(s => s.Name == name).Value.data<float>().Select(v => (double)v)];

        public void Dispose()
        {
            _optimizer.Dispose();
            _arena.Dispose();
            _holder.Dispose();
        }
    }

    /// <summary>Arenas of several blocks, with a part of the online one that the target lacks, and gradients that change with the step.</summary>
    private sealed class Followed : IDisposable
    {
        private readonly nn.Module[] _modules;
        private readonly Tensor _gradients;

        public Followed(OptimizerOptions options)
        {
            nn.Module encoder = nn.Linear(500, 300), target = nn.Linear(500, 300), predictor = nn.Linear(30, 20);
            _modules = [encoder, target, predictor];
            for (int i = 0; i < _modules.Length; i++)
            {
                Initialization.Apply(_modules[i], InitializationScheme.Torch, seed: i); // not torch's generator, which tests beside this one draw from
            }
            Online = ParameterArena.Flatten([("encoder", encoder), ("predictor", predictor)], withGradients: true);
            Target = ParameterArena.Flatten([("target", target)], withGradients: false);
            Optimizer = Optimizer.Create(Online, options, segment => segment.Name.StartsWith("predictor", StringComparison.Ordinal) ? 10 : 1);
            var random = new SampleRandom(1);
            _gradients = tensor(Enumerable.Range(0, (int)Online.Values.numel()).Select(_ => (float)random.NextNormal()).ToArray()).DetachFromDisposeScope();
        }

        public ParameterArena Online { get; }

        public ParameterArena Target { get; }

        public Optimizer Optimizer { get; }

        public void Step(double learningRate, double targetUpdateRate)
        {
            using Scalar half = 0.5, one = 1;
            Online.Gradients!.mul_(half).add_(_gradients, one);
            Optimizer.Step(learningRate, Target, targetUpdateRate);
        }

        public void Dispose()
        {
            _gradients.Dispose();
            Optimizer.Dispose();
            Online.Dispose();
            Target.Dispose();
            Array.ForEach(_modules, module => module.Dispose());
        }
    }

    private sealed class Holder : nn.Module
    {
        public Holder(Tensor value) : base(nameof(Holder)) => register_parameter("value", new Parameter(value));
    }
}
