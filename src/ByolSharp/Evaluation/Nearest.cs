namespace ByolSharp.Evaluation;

/// <summary>The k most similar of the samples offered in ascending order of index; of equals the earlier ones. A heap, the worst on top.</summary>
internal sealed class Nearest(int k)
{
    private readonly PriorityQueue<(float Similarity, int Index), (float, int)> _heap = new(k + 1);

    /// <summary>A sample that is not more similar than this cannot enter.</summary>
    public float Threshold { get; private set; } = float.NegativeInfinity;

    /// <summary>The samples kept, in no order.</summary>
    public IEnumerable<(float Similarity, int Index)> Items => _heap.UnorderedItems.Select(item => item.Element);

    /// <summary>Takes a sample of similarity above <see cref="Threshold"/>.</summary>
    public void Offer(float similarity, int index)
    {
        var priority = (similarity, -index); // the least similar leaves first, of equals the latest
        if (_heap.Count < k)
        {
            _heap.Enqueue((similarity, index), priority);
        }
        else
        {
            _heap.EnqueueDequeue((similarity, index), priority);
        }
        if (_heap.Count == k)
        {
            Threshold = _heap.Peek().Similarity;
        }
    }
}
