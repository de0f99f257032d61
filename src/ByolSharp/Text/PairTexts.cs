namespace ByolSharp.Text;

/// <summary>The second texts of pairs.</summary>
/// <param name="pairs">The pairs; not disposed.</param>
public sealed class PairTexts(TextDataset pairs) : TextDataset
{
    /// <inheritdoc />
    public override int Count => pairs.Count;

    /// <inheritdoc />
    public override string NameOf(int index) => pairs.NameOf(index);

    /// <inheritdoc />
    public override TextSample Read(int index) => new(pairs.Read(index).Pair ?? throw new UnreadableSampleException("there is no text beside it"));
}
