using ByolSharp.Sources;

namespace ByolSharp.Reporting;

/// <summary>The data that a run was trained and evaluated on, as far as they are still there.</summary>
internal sealed class ReportData<T> : IDisposable where T : Dataset
{
    private readonly Func<string, IReadOnlyList<string>?, T> _open;

    /// <summary>Opens the data that the options name.</summary>
    /// <param name="options">Options of the run.</param>
    /// <param name="open">Opens data by its path and, where they are known, its class names.</param>
    /// <param name="missing">Takes a line for everything that cannot be opened.</param>
    internal ReportData(RunOptions options, Func<string, IReadOnlyList<string>?, T> open, MissingParts missing)
    {
        _open = open;
        Training = TryOpen("Training data", options.Data.Path, null, missing);
        Reference = options.Data.EvalTrain is { } train ? TryOpen("Evaluation training data", train, null, missing) : null;
        Queries = Reference is not null && options.Data.EvalTest is { } test ? TryOpen("Evaluation test data", test, Reference.ClassNames, missing) : null;
    }

    /// <summary>Training data.</summary>
    internal T? Training { get; }

    /// <summary>Labelled data whose samples voted in online evaluation.</summary>
    internal T? Reference { get; }

    /// <summary>Data that were classified in online evaluation; null unless <see cref="Reference"/> is there.</summary>
    internal T? Queries { get; }

    /// <summary>Samples of each class of the training data.</summary>
    internal IReadOnlyList<(string Class, int Count)> Classes()
    {
        var counts = Training is null || Training.ClassNames.Count == 0 ? [] : Enumerable.Range(0, Training.Count).CountBy(Training.LabelOf).ToDictionary();
        return [.. (Training?.ClassNames ?? []).Select((name, label) => (name, counts.GetValueOrDefault(label)))];
    }

    /// <summary>Indices spread evenly over the training data, because sorted classes often differ.</summary>
    internal int[] Spread(int wanted)
    {
        int count = Training?.Count ?? 0, taken = Math.Min(count, wanted);
        return [.. Enumerable.Range(0, taken).Select(i => (int)((long)i * count / taken))];
    }

    /// <summary>How many samples there are, and where.</summary>
    /// <param name="what">What the samples are called, such as Images.</param>
    /// <param name="options">Options of the run.</param>
    internal IEnumerable<(string Name, string Value)> Facts(string what, RunOptions options)
    {
        if (Training is not null)
        {
            yield return (what, FormattableString.Invariant($"{Training.Count:N0} in {options.Data.Path}"));
        }
        if (Queries is not null)
        {
            yield return ("Evaluation", FormattableString.Invariant($"{Reference!.Count:N0} in {options.Data.EvalTrain}, {Queries.Count:N0} in {options.Data.EvalTest}"));
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Training?.Dispose();
        Reference?.Dispose();
        Queries?.Dispose();
    }

    private T? TryOpen(string what, string path, IReadOnlyList<string>? classNames, MissingParts missing)
    {
        if (path.Length == 0)
        {
            missing.Add(what, "the run does not say where the data are");
            return null;
        }
        try
        {
            return _open(path, classNames);
        }
        catch (ByolException error) when (error is UnusableDataException or ConfigurationException)
        {
            missing.Add(what, error.Message);
            return null;
        }
    }
}
