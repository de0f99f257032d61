using System.Numerics;

namespace ByolSharp.Images;

/// <summary>How many values a pixel has, and bringing images of a mixed data set to one count.</summary>
public static class ImageChannels
{
    private const float RedWeight = 0.2989f, GreenWeight = 0.5870f, BlueWeight = 0.1140f;

    /// <summary>
    /// The image with the given number of channels, at its bit depth: grey to RGB repeats the value, RGB to grey takes the luminance
    /// 0.2989 R + 0.5870 G + 0.1140 B, alpha is dropped. The image itself where nothing changes.
    /// </summary>
    /// <param name="image">1 grey, 2 grey + alpha, 3 RGB, 4 RGBA, or any other count that stays as it is.</param>
    /// <param name="channels">The count wanted: 1, 3, or the image's own.</param>
    /// <exception cref="UnreadableSampleException">There is no such conversion.</exception>
    public static Image Convert(Image image, int channels)
    {
        if (image.Channels == channels)
        {
            return image;
        }

        if (image.Channels > 4 || channels is not (1 or 3))
        {
            throw new UnreadableSampleException($"has {Named(image.Channels)} where {channels} are wanted");
        }

        return image.Format switch
        {
            PixelFormat.UInt8 when channels == 1 && image.Channels > 2 => new Image(image.Width, image.Height, channels, Luminance(image.Bytes, image.Channels)),
            PixelFormat.UInt8 => new Image(image.Width, image.Height, channels, Convert(image.Bytes, image.Channels, channels, 0.5f)),
            PixelFormat.UInt16 => new Image(image.Width, image.Height, channels, Convert(image.Words, image.Channels, channels, 0.5f)),
            _ => new Image(image.Width, image.Height, channels, Convert(image.Floats, image.Channels, channels, 0)),
        };
    }

    /// <summary>
    /// The channel count that suits a data set: 1 if all images looked at are grey, 3 if some are RGB or RGBA, N if all have N
    /// other channels.
    /// </summary>
    /// <param name="images">The data set.</param>
    /// <param name="look">How many readable images to look at, spread evenly because sorted classes often differ; default 16.</param>
    /// <exception cref="UnusableDataException">No image can be read, or multispectral images differ in their channels.</exception>
    public static int Detect(ImageDataset images, int look = 16)
    {
        var counts = new SortedSet<int>();
        int wanted = Math.Min(look, images.Count);
        for (int i = 0, next = 0; i < wanted; i++)
        {
            // An unreadable image is replaced by the next one, but never by one that was looked at before.
            next = Math.Max(next, (int)((long)i * images.Count / wanted));
            for (bool found = false; !found && next < images.Count; next++)
            {
                found = TryCount(images, next, counts);
            }
        }

        return counts switch
        {
            { Count: 0 } => throw new UnusableDataException("no image of the data can be read: run doctor on it to see why"),
            { Max: <= 2 } => 1,
            { Max: <= 4 } => 3,
            { Count: 1 } => counts.Max,
            _ => throw new UnusableDataException(
                $"the images have different channels ({string.Join(", ", counts)}): keep one kind, or name the count with data.channels"),
        };
    }

    private static bool TryCount(ImageDataset images, int index, SortedSet<int> counts)
    {
        try
        {
            counts.Add(images.Read(index).Channels);
            return true;
        }
        catch (UnreadableSampleException)
        {
            return false;
        }
    }

    /// <summary>As <see cref="Convert{T}"/>; bytes are many and the generic conversion of a float costs four times the rest.</summary>
    private static byte[] Luminance(ReadOnlySpan<byte> source, int from)
    {
        var target = new byte[source.Length / from];
        for (int s = 0, t = 0; t < target.Length; s += from, t++)
        {
            target[t] = (byte)(int)(RedWeight * source[s] + GreenWeight * source[s + 1] + BlueWeight * source[s + 2] + 0.5f);
        }
        return target;
    }

    private static T[] Convert<T>(ReadOnlySpan<T> source, int from, int to, float rounding) where T : unmanaged, INumber<T>
    {
        var target = new T[source.Length / from * to];
        bool isGrey = from <= 2;
        for (int s = 0, t = 0; t < target.Length; s += from, t += to)
        {
            if (to == 1)
            {
                target[t] = isGrey
                    ? source[s]
                    : T.CreateTruncating(RedWeight * float.CreateTruncating(source[s]) + GreenWeight * float.CreateTruncating(source[s + 1])
                        + BlueWeight * float.CreateTruncating(source[s + 2]) + rounding);
            }
            else
            {
                target[t] = source[s];
                target[t + 1] = source[isGrey ? s : s + 1];
                target[t + 2] = source[isGrey ? s : s + 2];
            }
        }

        return target;
    }

    private static string Named(int channels) => channels == 1 ? "1 channel" : $"{channels} channels";
}
