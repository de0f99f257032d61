namespace ByolSharp.Text;

/// <summary>
/// Puts texts of about the same length together: sorted by length, and begun anew where padding would grow, so that a batch may hold texts of any length in any
/// order and nearly nothing is computed for the void behind the short ones.
/// </summary>
internal static class LengthBuckets
{
    private const double ShortestShare = 0.85;
    private const int FewTokens = 32; // a bucket below it is not worth another round of calls

    /// <summary>Where the texts of each bucket stand in <paramref name="lengths"/>, the longest first.</summary>
    /// <param name="lengths">Tokens of each text.</param>
    internal static IEnumerable<int[]> Of(int[] lengths)
    {
        int[] order = [.. Enumerable.Range(0, lengths.Length).OrderByDescending(row => lengths[row])]; // stable
        for (int start = 0, end; start < order.Length; start = end)
        {
            int longest = lengths[order[start]];
            for (end = start + 1; end < order.Length && !(lengths[order[end]] < ShortestShare * longest && (end - start) * longest >= FewTokens); end++)
            {
            }
            yield return order[start..end];
        }
    }
}
