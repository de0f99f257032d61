using System.Collections.Concurrent;

namespace ByolSharp.Images;

/// <summary>
/// A data set whose every sample can be read and has the same channels: an unreadable sample is noted in the quarantine and stands
/// aside for the next readable one with its label, or, where its class has none, for the next readable one. Which one that is
/// depends on the data alone, never on threads or on the order of calls, and labels stay true.
/// </summary>
/// <param name="inner">The data set, which is disposed with this one.</param>
/// <param name="channels">Channels of all images; see <see cref="ImageChannels.Convert(Image, int)"/>.</param>
/// <param name="quarantine">Where unreadable samples are noted.</param>
public sealed class ReadableImages(ImageDataset inner, int channels, Quarantine quarantine) : WrappedImages(inner)
{
    /// <summary>Images with a shorter side hold nothing that two crops could share; they are set aside like unreadable ones.</summary>
    public const int SmallestSide = 4;

    private readonly ConcurrentDictionary<int, bool> _unreadable = new();
    private readonly Lazy<SampleRing> _ofLabel = new(() => SampleRing.OfLabels(inner));
    private readonly Lazy<SampleRing> _ofAll = new(() => SampleRing.OfAll(inner.Count));

    /// <summary>Channels of all images.</summary>
    public int Channels => channels;

    /// <summary>Unreadable samples met so far.</summary>
    public Quarantine Quarantine => quarantine;

    /// <summary>Reads a sample, or the one that stands in for it.</summary>
    /// <exception cref="UnusableDataException">No sample of the data set can be read.</exception>
    public override Image Read(int index)
    {
        return TryRead(index)
            ?? NextAfter(index, _ofLabel)
            ?? NextAfter(index, _ofAll)
            ?? throw new UnusableDataException(FormattableString.Invariant(
                $"none of the {Count:N0} images can be used; the first, {quarantine.Entries[0].Name}: {quarantine.Entries[0].Reason}"));
    }

    private Image? NextAfter(int index, Lazy<SampleRing> ring)
    {
        while (ring.Value.After(index, _unreadable.ContainsKey) is { } candidate)
        {
            if (TryRead(candidate) is { } image)
            {
                return image;
            }
        }

        return null;
    }

    private Image? TryRead(int index)
    {
        if (_unreadable.ContainsKey(index))
        {
            return null;
        }

        try
        {
            var image = Inner.Read(index);
            if (Math.Min(image.Width, image.Height) < SmallestSide)
            {
                throw new UnreadableSampleException($"{image.Width}x{image.Height} pixels: too small, at least {SmallestSide}x{SmallestSide} are needed");
            }

            return ImageChannels.Convert(image, channels);
        }
        catch (UnreadableSampleException e)
        {
            _unreadable[index] = true;
            quarantine.Add(Inner.NameOf(index), e.Message);
            return null;
        }
    }
}
