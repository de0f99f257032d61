namespace ByolSharp.Distributed;

/// <summary>Replicas that can sum on one thread while another is in meetings.</summary>
internal interface IBackgroundSums
{
    /// <summary>False where the library lets one thread call it.</summary>
    bool CanSumInBackground { get; }

    /// <summary>As <see cref="IReplicas.Sum(Span{float})"/>, beside meetings; from one thread at a time, in the same order on all replicas.</summary>
    void SumInBackground(Span<float> values);

    /// <summary>A meeting that ends when these sums are done.</summary>
    void Await(Task sums);
}
