using BenchmarkDotNet.Attributes;
using ByolSharp.Images.Backbones;
using ByolSharp.Optimizers;
using TorchSharp;

namespace ByolSharp.Benchmarks;

/// <summary>What a step does after the gradients are there, over the flat arenas of a whole network with its heads; one thread.</summary>
public class UpdateBenchmarks
{
    private Byol _byol = null!;
    private ParameterArena _online = null!, _target = null!;
    private Optimizer _lars = null!;

    [Params("resnet20", "resnet18")]
    public string Backbone { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        torch.manual_seed(0);
        _byol = new Byol(() => BackboneFactory.Create(new() { Name = Backbone, ImageSize = 32 }, 0), new(), 0);
        _online = ParameterArena.Flatten([("online", _byol.Online), ("predictor", _byol.Predictor)], withGradients: true);
        _target = ParameterArena.Flatten([("target", _byol.Target)], withGradients: false);
        _lars = Optimizer.Create(_online, new() { Kind = OptimizerKind.Lars });
        using var noise = torch.randn_like(_online.Gradients!);
        _online.Gradients!.copy_(noise);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _lars.Dispose();
        _online.Dispose();
        _target.Dispose();
        _byol.Dispose();
    }

    [Benchmark]
    public void LarsStep() => _lars.Step(1e-6);

    [Benchmark]
    public void MovingAverageUpdate() => MovingAverage.Update(_target, _online, 1e-3);
}
