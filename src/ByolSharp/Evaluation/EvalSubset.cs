namespace ByolSharp.Evaluation;

/// <summary>Some samples of a source, in the order given.</summary>
internal sealed class EvalSubset(IEvalSource whole, IReadOnlyList<int> samples) : IEvalSource
{
    public int Count => samples.Count;

    public IReadOnlyList<long> ViewShape => whole.ViewShape;

    public int ViewCount => whole.ViewCount;

    public IReadOnlyList<string> ClassNames => whole.ClassNames;

    public string NameOf(int index) => whole.NameOf(samples[index]);

    public int LabelOf(int index) => whole.LabelOf(samples[index]);

    public void Render(int index, Span<float> views) => whole.Render(samples[index], views);
}
