using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ByolSharp.Tests;

/// <summary>Two small convolutions, batch norm and average pooling: the encoder of the reference run.</summary>
internal sealed class TinyBackbone : Backbone
{
    [ComponentName(Name = "conv1")]
    private readonly Conv2d _conv1 = nn.Conv2d(3, 8, 3, padding: 1, bias: false);

    [ComponentName(Name = "bn1")]
    private readonly BatchNorm2d _bn1 = nn.BatchNorm2d(8);

    [ComponentName(Name = "conv2")]
    private readonly Conv2d _conv2 = nn.Conv2d(8, 16, 3, stride: 2, padding: 1, bias: false);

    [ComponentName(Name = "bn2")]
    private readonly BatchNorm2d _bn2 = nn.BatchNorm2d(16);

    public TinyBackbone(long seed = 0) : base(nameof(TinyBackbone))
    {
        RegisterComponents();
        Initialization.Apply(this, InitializationScheme.Torch, seed);
    }

    public override int RepresentationSize => 16;

    public override Tensor forward(Tensor views)
    {
        var x = nn.functional.relu(_bn1.call(_conv1.call(views)));
        return nn.functional.relu(_bn2.call(_conv2.call(x))).mean([2, 3]);
    }
}
