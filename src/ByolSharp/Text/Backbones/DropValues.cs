using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Text.Backbones;

/// <summary>
/// Dropout (Srivastava et al. 2014) from a generator of its own: what is dropped follows from the views alone, so that a run that was interrupted goes on with
/// the same bits.
/// </summary>
internal sealed class DropValues : IDisposable
{
    private readonly Generator? _generator;
    private readonly double _kept;

    /// <summary>Starts a stream of draws.</summary>
    /// <param name="probability">That a value is dropped.</param>
    /// <param name="key">Seed of the draws; null drops nothing.</param>
    /// <param name="device">Where the values are.</param>
    internal DropValues(double probability, ulong? key, Device device)
    {
        _kept = 1 - probability;
        _generator = key is { } seed && probability > 0 ? new Generator(seed, device) : null;
    }

    /// <summary>Drops values and raises the others, so that sums stay what they are on average.</summary>
    internal Tensor Apply(Tensor x)
    {
        if (_generator is null)
        {
            return x;
        }
        using Scalar raised = 1 / _kept;
        return x.mul(empty(x.shape, ScalarType.Float32, x.device).bernoulli_(_kept, _generator).mul_(raised));
    }

    /// <inheritdoc />
    public void Dispose() => _generator?.Dispose();
}
