using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>
/// The encoder f of the paper: turns views into representations. Derive from it to train a network of your own
/// (examples/own-backbone.cs); register its parts in the constructor as with any TorchSharp module.
/// </summary>
/// <remarks>
/// End the constructor with <see cref="Initialization.Apply"/>: TorchSharp 0.107 leaves the weights of its GroupNorm as they happen to
/// lie in memory, and weights drawn by name and seed are the same in every run.
/// </remarks>
/// <param name="name">The module's name, for messages.</param>
/// <exception cref="StorageException">The native library does not load; the message says how to mend it.</exception>
public abstract class Backbone(string name) : nn.Module<Tensor, Tensor>(AfterPreparing(name))
{
    /// <summary>Length of a representation y.</summary>
    public abstract int RepresentationSize { get; }

    /// <summary>Where its parameters are; the CPU where it has none.</summary>
    internal Device Device => parameters().FirstOrDefault()?.device ?? CPU;

    /// <summary>Representations of normalised views.</summary>
    /// <param name="views">Images: [N, channels, height, width], float; texts: [N, numbers of a view].</param>
    /// <returns>[N, <see cref="RepresentationSize"/>].</returns>
    public abstract override Tensor forward(Tensor views);

    /// <summary>Blocks that a view passes one after the other, each with a gradient that depends on no other's input; empty where that is not known.</summary>
    internal virtual IReadOnlyList<nn.Module<Tensor, Tensor>> Chain => [];

    /// <summary>What the target network gets to see of a view: all of it, also what is hidden from the online network.</summary>
    internal virtual Tensor SeenByTarget(Tensor view) => view;

    private static string AfterPreparing(string name)
    {
        TorchRuntime.Prepare(); // before its first layer
        return name;
    }
}
