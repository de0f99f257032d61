namespace ByolSharp.Text;

/// <summary>Some samples of a data set, in the order given.</summary>
/// <param name="whole">The data set; not disposed.</param>
/// <param name="samples">Indices into it.</param>
public sealed class TextSubset(TextDataset whole, IReadOnlyList<int> samples) : TextDataset
{
    /// <inheritdoc />
    public override int Count => samples.Count;

    /// <inheritdoc />
    public override IReadOnlyList<string> ClassNames => whole.ClassNames;

    /// <inheritdoc />
    public override IReadOnlyList<string> Remarks => whole.Remarks;

    /// <inheritdoc />
    public override string NameOf(int index) => whole.NameOf(samples[index]);

    /// <inheritdoc />
    public override int LabelOf(int index) => whole.LabelOf(samples[index]);

    /// <inheritdoc />
    public override TextSample Read(int index) => whole.Read(samples[index]);
}
