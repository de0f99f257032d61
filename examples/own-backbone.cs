#:project ../src/ByolSharp/ByolSharp.csproj
using ByolSharp;
using ByolSharp.Training;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

var options = Presets.Get("demo") with { Trainer = new() { BatchSize = 64, Duration = Duration.OfSteps(60) } };
using var run = RunDirectory.Open("run-own", ExistingRun.Overwrite);
int seed = 0;
var result = Pretraining.Run(options, run, backbone: () => new ThreeConvolutions(seed++)); // called twice: online and target network
Console.WriteLine($"{result.Step} steps, loss {result.Loss:0.000}, {result.Verdict}");

/// <summary>Any module that turns [N, channels, height, width] into [N, RepresentationSize] will do.</summary>
internal sealed class ThreeConvolutions : Backbone
{
    [ComponentName(Name = "layers")]
    private readonly Sequential _layers = nn.Sequential(
        nn.Conv2d(3, 32, 3, stride: 2, padding: 1), nn.GroupNorm(8, 32), nn.ReLU(),
        nn.Conv2d(32, 64, 3, stride: 2, padding: 1), nn.GroupNorm(8, 64), nn.ReLU(),
        nn.Conv2d(64, 128, 3, stride: 2, padding: 1), nn.GroupNorm(8, 128), nn.ReLU());

    public ThreeConvolutions(long seed) : base(nameof(ThreeConvolutions))
    {
        RegisterComponents();
        Initialization.Apply(this, InitializationScheme.Kaiming, seed); // TorchSharp leaves the weights of GroupNorm unset
    }

    public override int RepresentationSize => 128;

    public override Tensor forward(Tensor views) => _layers.call(views).mean([2, 3]);
}
