using static TorchSharp.torch;

namespace ByolSharp.Evaluation;

/// <summary>The baseline below every encoder: a view's own values are its representation.</summary>
/// <param name="viewLength">Values of a view: channels * height * width.</param>
public sealed class PixelBackbone(int viewLength) : Backbone(nameof(PixelBackbone))
{
    /// <inheritdoc />
    public override int RepresentationSize => viewLength;

    /// <inheritdoc />
    public override Tensor forward(Tensor views) => views.contiguous().flatten(1);
}
