namespace ByolSharp.Training;

/// <summary>The endless stream of samples: every epoch holds each sample once, in an order that (seed, epoch) decides.</summary>
internal sealed class SampleOrder(int count, long seed)
{
    /// <summary>Keeps the order's stream apart from those of the views.</summary>
    private const long OrderStream = -1;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, int[]> _permutations = [];

    /// <summary>The epoch and the sample at a place of the stream. Safe for several threads.</summary>
    internal (long Epoch, int Index) At(long place)
    {
        var (epoch, position) = Math.DivRem(place, count);
        return (epoch, PermutationOf(epoch)[position]);
    }

    private int[] PermutationOf(long epoch)
    {
        lock (_gate)
        {
            if (!_permutations.TryGetValue(epoch, out int[]? permutation))
            {
                permutation = [.. Enumerable.Range(0, count)];
                new SampleRandom(seed, epoch, OrderStream, OrderStream).Shuffle<int>(permutation);
                _permutations.Remove(epoch - 2); // only batches that span two epochs look back
                _permutations[epoch] = permutation;
            }
            return permutation;
        }
    }
}
