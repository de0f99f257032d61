namespace ByolSharp.Images.Sources;

/// <summary>Images that are files below a folder.</summary>
internal sealed class ImageFiles(string root, string[] names, ClassLabels labels, ImageSourceOptions options) : EncodedImages(names, labels, options)
{
    public override Image Read(int index) => Decoder.DecodeFile(PathOf(index));

    protected override string? StampOf(int index) => FileStamp.Of(PathOf(index));

    private string PathOf(int index) => Path.Combine(root, NameOf(index));
}
