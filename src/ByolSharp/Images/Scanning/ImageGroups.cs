namespace ByolSharp.Images.Scanning;

/// <summary>Images joined into groups, pair by pair (disjoint sets, each named by its smallest index).</summary>
internal sealed class ImageGroups(int count)
{
    private readonly int[] _parents = [.. Enumerable.Range(0, count)];

    /// <summary>Puts two images, and all that are grouped with them, into one group.</summary>
    public void Join(int a, int b)
    {
        (a, b) = (RootOf(a), RootOf(b));
        _parents[Math.Max(a, b)] = Math.Min(a, b);
    }

    /// <summary>Groups of at least two images, in order of their first one.</summary>
    public int[][] All() =>
        [.. Enumerable.Range(0, _parents.Length).GroupBy(RootOf).Where(g => g.Skip(1).Any()).Select(g => g.ToArray()).OrderBy(g => g[0])];

    private int RootOf(int image)
    {
        while (_parents[image] != image)
        {
            image = _parents[image] = _parents[_parents[image]];
        }

        return image;
    }
}
