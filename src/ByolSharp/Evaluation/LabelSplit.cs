namespace ByolSharp.Evaluation;

/// <summary>Which training labels may be used, where not all: the few-label setting.</summary>
public static class LabelSplit
{
    /// <summary>The same share of each class, at least one sample of each. One seed nests: a larger share holds every smaller one.</summary>
    /// <param name="labels">One label a sample; those with <see cref="FeatureSet.NoLabel"/> are never chosen.</param>
    /// <param name="share">Above 0, at most 1; 0.01 is the "1% of labels" of semi-supervised evaluation.</param>
    /// <param name="seed">Seed of the draw.</param>
    /// <returns>Indices of samples, in ascending order.</returns>
    public static int[] ByShare(IReadOnlyList<int> labels, double share, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        return ClassDraw.Take(labels, n => Math.Max(1, (int)Math.Round(share * n)), seed).Drawn;
    }

    /// <summary>The samples that a file names, one a line, such as the published splits of 1% and 10% of ImageNet.</summary>
    /// <param name="path">The list. Empty lines and lines that start with # are passed over.</param>
    /// <param name="names">The names of all samples. A line may leave out folders where the rest is still one sample's alone.</param>
    /// <returns>Indices of samples, in ascending order.</returns>
    /// <exception cref="ConfigurationException">There is no such file.</exception>
    /// <exception cref="UnusableDataException">
    /// A line names no sample, several, or one that was named before; or there is no line at all. The message says which line.
    /// </exception>
    public static int[] FromFile(string path, IReadOnlyList<string> names)
    {
        if (!File.Exists(path))
        {
            throw new ConfigurationException($"there is no file {path}; --label-list names a text file with the name of a sample a line.");
        }
        var whole = names.Index().ToDictionary(n => n.Item, n => n.Index, StringComparer.Ordinal);
        var last = names.Index().ToLookup(n => LastPart(n.Item), n => n.Index, StringComparer.Ordinal);
        var found = new SortedDictionary<int, int>();
        foreach (var (number, line) in Lines(path))
        {
            int[] samples = whole.TryGetValue(line, out int exact)
                ? [exact]
                : [.. last[LastPart(line)].Where(i => names[i].EndsWith("/" + line, StringComparison.Ordinal))];
            if (samples is not [int sample])
            {
                throw new UnusableDataException(samples.Length == 0
                    ? $"line {number} of '{path}' names '{line}', which is not in the training data: write names like '{names[0]}'"
                    : $"line {number} of '{path}' names '{line}', which may be {samples.Length} samples: write it with its folder, like '{names[samples[0]]}'");
            }
            if (!found.TryAdd(sample, number))
            {
                throw new UnusableDataException($"line {number} of '{path}' repeats '{line}' of line {found[sample]}: name each sample once");
            }
        }
        return found.Count > 0 ? [.. found.Keys] : throw new UnusableDataException($"'{path}' names no sample: write the name of a sample a line");
    }

    private static IEnumerable<(int Number, string Line)> Lines(string path) => File.ReadLines(path)
        .Select((line, i) => (i + 1, line.Trim()))
        .Where(l => l.Item2.Length > 0 && !l.Item2.StartsWith('#'));

    private static string LastPart(string name) => name[(name.LastIndexOf('/') + 1)..];
}
