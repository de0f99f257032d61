using System.Globalization;
using ByolSharp.Sources;

namespace ByolSharp.Images.Sources;

/// <summary>Images that are stored encoded, one sample one file or member of an archive.</summary>
internal sealed class EncodedImages(StoredSamples samples, ImageSourceOptions options) : ImageDataset
{
    private readonly ImageDecoder _decoder = new() { MaxPixels = options.MaxPixels, ShortSide = options.DecodeShortSide };

    /// <summary>What image files are called.</summary>
    public static FileKind Kind { get; } = new("image", "images", [".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"]);

    public override int Count => samples.Count;

    public override IReadOnlyList<string> ClassNames => samples.ClassNames;

    public override string NameOf(int index) => samples.NameOf(index);

    public override int LabelOf(int index) => samples.LabelOf(index);

    public override string? IdentityOf(int index) =>
        samples.FileOf(index).Stamp is { } stamp ? string.Create(CultureInfo.InvariantCulture, $"{stamp}|{_decoder.MaxPixels}|{_decoder.ShortSide}|{ImageDecoder.Version}") : null;

    internal override UInt128? ContentHashOf(int index) => samples.FileOf(index).ContentHash();

    public override Image Read(int index) => _decoder.Decode(samples.FileOf(index).Read());
}
