namespace ByolSharp;

/// <summary>Guesses what somebody meant who mistyped a name.</summary>
public static class Suggestions
{
    /// <summary>The known word with the fewest typing errors away from <paramref name="word"/>, ignoring case.</summary>
    /// <param name="word">What was typed.</param>
    /// <param name="known">What would have been right; among equals the first is taken.</param>
    /// <returns>The word, or null where none is near: more than a third of the letters would have to change.</returns>
    public static string? Closest(string word, IEnumerable<string> known)
    {
        int limit = Math.Max(1, word.Length / 3);
        return known.Select(candidate => (Candidate: candidate, Distance: Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant())))
            .Where(c => c.Distance <= limit)
            .OrderBy(c => c.Distance)
            .Select(c => c.Candidate)
            .FirstOrDefault();
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours between two words (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        int[,] cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }
                int replace = a[i - 1] == b[j - 1] ? 0 : 1;
                cost[i, j] = Math.Min(Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1, cost[i - 1, j - 1] + replace);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                }
            }
        }
        return cost[a.Length, b.Length];
    }
}
