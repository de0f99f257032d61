namespace ByolSharp.Evaluation;

/// <summary>The k most similar of the samples offered in ascending order of index; of equals the earlier ones. A heap, the worst on top.</summary>
/// <remarks>
/// Both are packed into one number for the heap, the similarity in the upper half in an order-preserving form, the index, complemented, in the
/// lower: comparing numbers is several times faster than comparing pairs.
/// </remarks>
internal sealed class Nearest(int k)
{
    private const uint SignBit = 0x8000_0000;
    private readonly PriorityQueue<int, ulong> _heap = new(k + 1);

    /// <summary>A sample that is not more similar than this cannot enter.</summary>
    public float Threshold { get; private set; } = float.NegativeInfinity;

    /// <summary>The samples kept, in no order.</summary>
    public IEnumerable<(float Similarity, int Index)> Items => _heap.UnorderedItems.Select(item => (SimilarityOf(item.Priority), item.Element));

    /// <summary>Takes a sample of similarity above <see cref="Threshold"/>.</summary>
    public void Offer(float similarity, int index)
    {
        if (_heap.Count < k)
        {
            _heap.Enqueue(index, Rank(similarity, index));
        }
        else
        {
            _heap.EnqueueDequeue(index, Rank(similarity, index));
        }
        if (_heap.Count == k && _heap.TryPeek(out _, out ulong worst))
        {
            Threshold = SimilarityOf(worst);
        }
    }

    // The least similar leaves first, of equals the latest; adding 0 makes the two zeros one.
    private static ulong Rank(float similarity, int index)
    {
        uint bits = BitConverter.SingleToUInt32Bits(similarity + 0f);
        uint ordered = (bits & SignBit) == 0 ? bits | SignBit : ~bits;
        return (ulong)ordered << 32 | ~(uint)index;
    }

    private static float SimilarityOf(ulong rank)
    {
        uint ordered = (uint)(rank >> 32);
        return BitConverter.UInt32BitsToSingle((ordered & SignBit) != 0 ? ordered & ~SignBit : ~ordered);
    }
}
