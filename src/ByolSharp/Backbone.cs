using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>
/// The encoder f of the paper: turns views into representations. Derive from it to train a network of your own
///; register its parts in the constructor as with any TorchSharp module.
/// </summary>
/// <param name="name">The module's name, for messages.</param>
public abstract class Backbone(string name) : nn.Module<Tensor, Tensor>(name)
{
    /// <summary>Length of a representation y.</summary>
    public abstract int RepresentationSize { get; }

    /// <summary>Representations of normalised views.</summary>
    /// <param name="views">Images: [N, channels, height, width], float.</param>
    /// <returns>[N, <see cref="RepresentationSize"/>].</returns>
    public abstract override Tensor forward(Tensor views);
}
