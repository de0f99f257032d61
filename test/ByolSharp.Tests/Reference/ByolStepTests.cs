using ByolSharp.Export;
using ByolSharp.Training;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Reference;

/// <summary>
/// Six steps of a tiny network that were computed in float64 with PyTorch after the authors' recipe (make.py beside the file documents it):
/// the real model, optimizer, schedules and target update must reproduce every number.
/// </summary>
public sealed class ByolStepTests
{
    private const int Steps = 6, BatchSize = 8;
    private const double Relative = 1e-5;

    private static readonly ByolOptions Method = new() { HiddenSize = 32, ProjectionSize = 8, BaseTargetEma = 0.9 };

    private static readonly RunOptions Options = new()
    {
        Byol = Method,
        Optimizer = new() { BaseLearningRate = 0.8, WeightDecay = 1e-2, TrustCoefficient = 1e-3, Momentum = 0.9, Warmup = Duration.OfSteps(2) },
        Trainer = new() { BatchSize = BatchSize },
    };

    [Fact]
    public void Reproduces_every_loss_rate_gradient_momentum_parameter_and_statistic()
    {
        using var scope = NewDisposeScope();
        using var file = SafeTensors.Read(TestData.Find("reference", "byol_step", "byol_step.safetensors"));
        var reference = file.Tensors;
        using var state = new TrainState(new ByolSharp.Byol(() => new TinyBackbone(), Method), null, Options.Optimizer);
        Fill(state.Byol, reference);
        var learningRate = Trainer.LearningRate(Options, Steps, stepsPerEpoch: 1);
        var targetUpdateRate = Schedules.TargetUpdateRate(Method.BaseTargetEma, Steps);
        for (int k = 0; k < Steps; k++)
        {
            var batch = new ViewBatch(reference[$"step{k}.view1"], reference[$"step{k}.view2"], zeros(BatchSize, int64));
            var result = state.Advance(batch, learningRate(k), targetUpdateRate(k));

            Assert.Equal(reference[$"step{k}.loss"].item<float>(), result.Loss, Relative * result.Loss);
            Assert.Equal(reference[$"step{k}.lr"].item<float>(), learningRate(k), 1e-9);
            Assert.Equal(reference[$"step{k}.tau"].item<float>(), 1 - targetUpdateRate(k), 1e-7);
            if (k == 0)
            {
                AssertSegments(state, state.OnlineArena.Gradients!, "step0.grad.", reference);
            }
            if (k is 0 or 1 or Steps - 1)
            {
                AssertState(state, $"after{k}.", reference);
                AssertSegments(state, state.Optimizer.State.Single().Value, $"after{k}.momentum.", reference);
            }
        }
    }

    private static void Fill(ByolSharp.Byol byol, IReadOnlyDictionary<string, Tensor> reference)
    {
        using var gradients = no_grad();
        foreach (var (name, value) in byol.state_dict())
        {
            value.copy_(reference[$"init.{name}"]);
        }
    }

    private static void AssertState(TrainState state, string prefix, IReadOnlyDictionary<string, Tensor> reference)
    {
        var own = state.Byol.state_dict();
        Assert.Equal(reference.Keys.Count(k => k.StartsWith(prefix, StringComparison.Ordinal) && !k.Contains(".momentum.", StringComparison.Ordinal)), own.Count);
        Assert.All(own, entry => AssertClose(reference[prefix + entry.Key], entry.Value, prefix + entry.Key));
    }

    /// <summary>Compares a flat buffer, whose convolution weights lie channels-last, with named tensors.</summary>
    private static void AssertSegments(TrainState state, Tensor flat, string prefix, IReadOnlyDictionary<string, Tensor> reference) =>
        Assert.All(state.OnlineArena.Segments, segment =>
        {
            var expected = reference[prefix + segment.Name];
            if (expected.dim() == 4)
            {
                expected = expected.permute(0, 2, 3, 1).contiguous();
            }
            // A bias before batch norm has no gradient at all (1e-15 in float64); float32 leaves the rounding of the sums that cancel.
            double rounding = segment.Name.EndsWith("linear1.bias", StringComparison.Ordinal) ? 1e-5 : 1e-9;
            AssertClose(expected.flatten(), flat.narrow(0, segment.Offset, segment.Length), prefix + segment.Name, rounding);
        });

    /// <summary>Within 1e-5 of the tensor's own size: single numbers near zero carry float32's rounding of their neighbours.</summary>
    private static void AssertClose(Tensor expected, Tensor actual, string name, double rounding = 1e-9)
    {
        Assert.Equal(expected.shape, actual.shape);
        double size = expected.to(float64).norm().item<double>();
        double difference = (expected.to(float64) - actual.to(float64)).norm().item<double>();
        Assert.True(difference <= Relative * size + rounding, $"{name}: difference {difference:0.0e+0} of {size:0.0e+0}");
    }
}
