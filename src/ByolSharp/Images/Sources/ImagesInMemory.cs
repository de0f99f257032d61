using ByolSharp.Sources;

namespace ByolSharp.Images.Sources;

/// <summary>Images that were stored as plain pixels and are all in memory.</summary>
internal sealed class ImagesInMemory(Image[] images, string[] names, ClassLabels labels) : ImageDataset
{
    public override int Count => images.Length;

    public override IReadOnlyList<string> ClassNames => labels.Names;

    public override bool IsInMemory => true;

    public override string NameOf(int index) => names[index];

    public override int LabelOf(int index) => labels.Of(index);

    public override Image Read(int index) => images[index];
}
