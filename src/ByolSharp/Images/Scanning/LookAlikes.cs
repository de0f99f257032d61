namespace ByolSharp.Images.Scanning;

/// <summary>
/// Pairs of images that look alike: their difference hashes are close, and their brightness grids confirm it. Images of one plain
/// brightness all look alike and are left out.
/// </summary>
internal sealed class LookAlikes(IReadOnlyList<ulong> hashes, IReadOnlyList<ReadOnlyMemory<byte>> grids)
{
    /// <summary>Demanded of the grids: few chance neighbours among the hashes pass it, see <see cref="ImageScanOptions.NearDistance"/>.</summary>
    private const double LeastCorrelation = 0.98;

    /// <summary>Calls back once for each pair i &lt; j.</summary>
    public void Find(int distance, Action<int, int> found, CancellationToken cancellation)
    {
        int[] structured = [.. Enumerable.Range(0, hashes.Count).Where(i => grids[i].Span.ContainsAnyExcept(grids[i].Span[0]))];
        ulong[] theirHashes = Array.ConvertAll(structured, i => hashes[i]);
        HammingPairs.Find(theirHashes, distance, (a, b) =>
        {
            (int i, int j) = (structured[a], structured[b]);
            if (PerceptualHash.Correlation(grids[i].Span, grids[j].Span) >= LeastCorrelation)
            {
                found(i, j);
            }
        }, cancellation);
    }
}
