using ByolSharp.Sources;

namespace ByolSharp.Text.Sources;

/// <summary>Texts that are files of their own, or members of tar shards.</summary>
internal sealed class TextDocuments(StoredSamples documents, TextOptions options) : TextDataset
{
    /// <summary>How documents are told from other files.</summary>
    internal static readonly FileKind Kind = new("document", "documents", [".txt", ".text", ".md"]);

    private readonly LineFormat _format = new(options with { LineLabel = LineLabel.None });

    /// <inheritdoc />
    public override int Count => documents.Count;

    /// <inheritdoc />
    public override IReadOnlyList<string> ClassNames => documents.ClassNames;

    /// <inheritdoc />
    public override string NameOf(int index) => documents.NameOf(index);

    /// <inheritdoc />
    public override int LabelOf(int index) => documents.LabelOf(index);

    /// <inheritdoc />
    public override string? IdentityOf(int index) => documents.FileOf(index).Stamp is { } stamp ? $"text|{stamp}" : null;

    internal override UInt128? ContentHashOf(int index) => documents.FileOf(index).ContentHash();

    /// <inheritdoc />
    public override TextSample Read(int index)
    {
        string text = _format.Parse(documents.FileOf(index).Read()).Text;
        return text.Length > 0 ? new(text) : throw new UnreadableSampleException("the text is empty");
    }
}
