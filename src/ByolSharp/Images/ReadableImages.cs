using ByolSharp.Sources;

namespace ByolSharp.Images;

/// <summary>
/// A data set whose every sample can be read and has the same channels: for an unreadable one the next readable one of its label stands in
/// (<see cref="StandIns"/>).
/// </summary>
/// <param name="inner">The data set, which is disposed with this one.</param>
/// <param name="channels">Channels of all images; see <see cref="ImageChannels.Convert(Image, int)"/>.</param>
/// <param name="quarantine">Where unreadable samples are noted.</param>
public sealed class ReadableImages(ImageDataset inner, int channels, Quarantine quarantine) : WrappedImages(inner)
{
    /// <summary>Images with a shorter side hold nothing that two crops could share; they are set aside like unreadable ones.</summary>
    public const int SmallestSide = 4;

    private readonly StandIns _standIns = new(inner, quarantine);

    /// <summary>Channels of all images.</summary>
    public int Channels => channels;

    /// <summary>Unreadable samples met so far.</summary>
    public Quarantine Quarantine => quarantine;

    /// <summary>Reads a sample, or the one that stands in for it.</summary>
    /// <exception cref="UnusableDataException">No sample of the data set can be read.</exception>
    public override Image Read(int index) => _standIns.Read(index, ReadOne, "images");

    private Image ReadOne(int index)
    {
        var image = Inner.Read(index);
        return Math.Min(image.Width, image.Height) >= SmallestSide
            ? ImageChannels.Convert(image, channels)
            : throw new UnreadableSampleException($"{image.Width}x{image.Height} pixels: too small, at least {SmallestSide}x{SmallestSide} are needed");
    }
}
