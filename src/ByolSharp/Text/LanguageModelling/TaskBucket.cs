namespace ByolSharp.Text.LanguageModelling;

/// <summary>Tasks of about the same length, side by side.</summary>
/// <param name="Tokens">What is seen; hidden places are those at which the network is asked.</param>
/// <param name="Answers">The token of each.</param>
/// <param name="Texts">The text of each.</param>
internal sealed record TaskBucket(TokenBucket Tokens, long[] Answers, int[] Texts)
{
    /// <summary>Sorts tasks into buckets.</summary>
    internal static IEnumerable<TaskBucket> Of(IReadOnlyList<TokenTask> tasks) =>
        LengthBuckets.Of([.. tasks.Select(task => task.Seen.Length)]).Select(rows => Join([.. rows.Select(row => tasks[row])]));

    private static TaskBucket Join(TokenTask[] tasks)
    {
        int length = tasks.Max(task => task.Seen.Length);
        var ids = new long[tasks.Length * length];
        List<long> places = [], answers = [];
        var texts = new List<int>();
        for (int row = 0; row < tasks.Length; row++)
        {
            var task = tasks[row];
            for (int t = 0; t < task.Seen.Length; t++)
            {
                ids[row * length + t] = task.Seen[t];
            }
            foreach (int asked in task.Asked)
            {
                places.Add(row * length + asked - task.Lead);
                answers.Add(task.Passage.Tokens[asked]);
                texts.Add(task.Passage.Text);
            }
        }
        return new(new(tasks.Length, length, ids, [.. tasks.Select(task => task.Seen.Length)], [.. places]), [.. answers], [.. texts]);
    }
}
