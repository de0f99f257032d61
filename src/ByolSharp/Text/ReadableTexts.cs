using ByolSharp.Sources;

namespace ByolSharp.Text;

/// <summary>A data set whose every text can be read: for an unreadable one the next readable one of its label stands in (<see cref="StandIns"/>).</summary>
/// <param name="inner">The data set; not disposed.</param>
/// <param name="quarantine">Where unreadable texts are noted.</param>
public sealed class ReadableTexts(TextDataset inner, Quarantine quarantine) : TextDataset
{
    private readonly StandIns _standIns = new(inner, quarantine);

    /// <summary>Unreadable texts met so far.</summary>
    public Quarantine Quarantine => quarantine;

    /// <inheritdoc />
    public override int Count => inner.Count;

    /// <inheritdoc />
    public override IReadOnlyList<string> ClassNames => inner.ClassNames;

    /// <inheritdoc />
    public override IReadOnlyList<string> Remarks => inner.Remarks;

    /// <inheritdoc />
    public override string NameOf(int index) => inner.NameOf(index);

    /// <inheritdoc />
    public override int LabelOf(int index) => inner.LabelOf(index);

    /// <summary>Reads a text, or the one that stands in for it.</summary>
    /// <exception cref="UnusableDataException">No text of the data set can be read.</exception>
    public override TextSample Read(int index) => _standIns.Read(index, inner.Read, "texts");
}
