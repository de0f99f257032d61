namespace ByolSharp;

/// <summary>Finds what a mistyped word was meant to be.</summary>
public static class Suggestions
{
    /// <summary>The known word with the fewest edits, or null where none is near.</summary>
    public static string? Closest(string word, IEnumerable<string> known)
    {
        var best = known.Select(k => (Word: k, Edits: EditDistance(word.ToLowerInvariant(), k.ToLowerInvariant()))).OrderBy(k => k.Edits).FirstOrDefault();
        return best.Word is not null && best.Edits <= Math.Max(2, word.Length / 3) ? best.Word : null;
    }

    /// <summary>Levenshtein's distance.</summary>
    private static int EditDistance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int substitution = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitution, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[^1];
    }
}
