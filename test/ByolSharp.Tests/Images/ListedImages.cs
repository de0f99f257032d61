using ByolSharp.Images;

namespace ByolSharp.Tests.Images;

/// <summary>A data set made of images at hand; null is an unreadable one. Counts how often it is read.</summary>
internal sealed class ListedImages(IReadOnlyList<Image?> images, IReadOnlyList<int>? labels = null) : ImageDataset
{
    private int _reads;
    private int _labelLookups;
    private int _disposals;

    public int Reads => _reads;

    public int LabelLookups => _labelLookups;

    public int Disposals => _disposals;

    public override int Count => images.Count;

    public override IReadOnlyList<string> ClassNames =>
        labels is null ? [] : [.. Enumerable.Range(0, labels.Max() + 1).Select(i => $"class{i}")];

    /// <summary>What stands before the index in the identity of a sample; null for none.</summary>
    public string? Identity { get; init; }

    public override string NameOf(int index) => $"{index:D4}.png";

    public override string? IdentityOf(int index) => Identity is null ? null : $"{Identity} {index}";

    public override int LabelOf(int index)
    {
        Interlocked.Increment(ref _labelLookups);
        return labels?[index] ?? NoLabel;
    }

    public override Image Read(int index)
    {
        Interlocked.Increment(ref _reads);
        return images[index] ?? throw new UnreadableSampleException("planted");
    }

    protected override void Dispose(bool disposing) => _disposals++;
}
