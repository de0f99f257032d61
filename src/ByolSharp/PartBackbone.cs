using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>
/// An encoder whose views have parts with representations of their own, as texts have tokens, and may hide some of them from the online network
/// (<see cref="PartRegression"/>).
/// </summary>
/// <param name="name">The module's name, for messages.</param>
public abstract class PartBackbone(string name) : Backbone(name)
{
    /// <summary>Length of a part's representation.</summary>
    public abstract int PartSize { get; }

    /// <summary>Representations of views and of what they hide.</summary>
    /// <param name="views">[N, ...].</param>
    /// <param name="seesHidden">True for the target network, which sees all parts.</param>
    /// <param name="averagedLayers">Above 0 the parts are means over so many layers, from the last one, each as it is before it is added to its input; 0: the output.</param>
    /// <returns>[N, <see cref="Backbone.RepresentationSize"/>], and [hidden parts, <see cref="PartSize"/>] in an order that the views alone decide.</returns>
    public abstract (Tensor Representations, Tensor Parts) EncodeParts(Tensor views, bool seesHidden, int averagedLayers);

    /// <summary>Where in their views the hidden parts are.</summary>
    /// <param name="views">As for <see cref="EncodeParts"/>.</param>
    /// <returns>[hidden parts], 64-bit integers from 0, in the same order.</returns>
    public abstract Tensor PlacesOf(Tensor views);
}
