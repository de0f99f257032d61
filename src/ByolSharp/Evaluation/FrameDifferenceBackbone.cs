using static TorchSharp.torch;

namespace ByolSharp.Evaluation;

/// <summary>The baseline that sees nothing but where a clip moves: how much each place changes from a frame to the next, on average.</summary>
/// <param name="imageSize">Width and height of a frame.</param>
public sealed class FrameDifferenceBackbone(int imageSize) : Backbone(nameof(FrameDifferenceBackbone))
{
    /// <inheritdoc />
    public override int RepresentationSize => imageSize * imageSize;

    /// <summary>[N, channels, frames, size, size], at least two frames, to [N, size * size].</summary>
    public override Tensor forward(Tensor views) => views.diff(dim: 2).abs().mean([1, 2]).flatten(1);
}
