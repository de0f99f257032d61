namespace ByolSharp.Images.Backbones;

/// <summary>First convolution of a residual network, and whether max pooling (3x3, stride 2) follows it.</summary>
internal readonly record struct StemShape(long Kernel, long Stride, bool Pools)
{
    /// <summary>The shape that the options name.</summary>
    /// <param name="kind">As in the options.</param>
    /// <param name="automatic">What <see cref="StemKind.Auto"/> means for this network and size.</param>
    internal static StemShape Of(StemKind kind, StemKind automatic) => (kind == StemKind.Auto ? automatic : kind) switch
    {
        StemKind.ImageNet => new(7, 2, Pools: true),
        StemKind.Strided => new(5, 2, Pools: false),
        _ => new(3, 1, Pools: false),
    };
}
