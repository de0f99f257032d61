namespace ByolSharp.Sources;

/// <summary>What labelled samples of every domain have in common: the views without chance are those of an evaluation.</summary>
public abstract class TrainingSource : ITrainingSource
{
    private readonly IEvalSource _plain;

    private protected TrainingSource(IEvalSource plain) => _plain = plain;

    /// <summary>Samples that could not be read when views were drawn; others of their class, from the same part of the data, stood in.</summary>
    public Quarantine Quarantine { get; } = new();

    /// <inheritdoc />
    public int Count => _plain.Count;

    /// <inheritdoc />
    public IReadOnlyList<long> ViewShape => _plain.ViewShape;

    /// <inheritdoc />
    public int ViewCount => _plain.ViewCount;

    /// <inheritdoc />
    public IReadOnlyList<string> ClassNames => _plain.ClassNames;

    /// <inheritdoc />
    public string NameOf(int index) => _plain.NameOf(index);

    /// <inheritdoc />
    public int LabelOf(int index) => _plain.LabelOf(index);

    /// <inheritdoc />
    public void Render(int index, Span<float> views) => _plain.Render(index, views);

    /// <inheritdoc />
    public abstract IViewSource Augmented(IReadOnlyList<int> samples, long seed);
}
