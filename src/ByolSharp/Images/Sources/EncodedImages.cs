using System.Globalization;

namespace ByolSharp.Images.Sources;

/// <summary>Images that are stored encoded, one sample one file: what folders, lists and tar shards have in common.</summary>
internal abstract class EncodedImages(string[] names, ClassLabels labels, ImageSourceOptions options) : ImageDataset
{
    /// <summary>Decodes what the derived class fetches.</summary>
    protected ImageDecoder Decoder { get; } = new() { MaxPixels = options.MaxPixels, ShortSide = options.DecodeShortSide };

    public sealed override int Count => names.Length;

    public sealed override IReadOnlyList<string> ClassNames => labels.Names;

    public sealed override string NameOf(int index) => names[index];

    public sealed override int LabelOf(int index) => labels.Of(index);

    public sealed override string? IdentityOf(int index) =>
        StampOf(index) is { } stamp ? string.Create(CultureInfo.InvariantCulture, $"{stamp}|{Decoder.MaxPixels}|{Decoder.ShortSide}|{ImageDecoder.Version}") : null;

    /// <summary>Which stored bytes a sample is made of; null where they are not there.</summary>
    protected abstract string? StampOf(int index);
}
