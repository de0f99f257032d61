using NetVips;
using VipsImage = NetVips.Image;

namespace ByolSharp.Images.Decoding;

/// <summary>TIFF, 16-bit PNG and CMYK JPEG by libvips.</summary>
/// <remarks>
/// Signed and 32-bit integers, which <see cref="PixelFormat"/> has no word for: negative values become 0, 32 bits become float
/// divided by their largest value. Double becomes float.
/// </remarks>
internal static unsafe class VipsDecoder
{
    private static readonly bool Loaded = Configure();

    public static Image Decode(ReadOnlySpan<byte> encoded, EncodedImage facts, Action<int, int> checkSize)
    {
        if (!Loaded)
        {
            throw new UnreadableSampleException($"{facts.Name} of a kind that needs libvips, which does not load on this system");
        }

        // Pinned until the pixels are out: libvips reads the bytes lazily.
        fixed (byte* pinned = encoded)
        {
            return DecodePinned(new ReadOnlySpan<byte>(pinned, encoded.Length), facts, checkSize);
        }
    }

    private static Image DecodePinned(ReadOnlySpan<byte> encoded, EncodedImage facts, Action<int, int> checkSize)
    {
        try
        {
            using VipsImage stored = VipsImage.NewFromBuffer(encoded, failOn: Enums.FailOn.Error);
            checkSize(stored.Width, stored.Height);
            using VipsImage upright = stored.Autorot();
            using VipsImage coloured = ToRgb(upright);
            return Copy(coloured, facts);
        }
        catch (VipsException e)
        {
            // The error text of libvips is shared by all threads, so it may speak of another file: it is no part of the message.
            throw new UnreadableSampleException($"{facts.Name} that is truncated, corrupt or of an unknown kind", e);
        }
    }

    private static bool Configure()
    {
        if (!ModuleInitializer.VipsInitialized)
        {
            return false;
        }

        // Threads and caching are the business of the data loader; an unreadable file is no news for the console.
        NetVips.NetVips.Concurrency = 1;
        Cache.Max = 0;
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.All, (_, _, _) => { });
        return true;
    }

    private static VipsImage ToRgb(VipsImage image) => image.Interpretation switch
    {
        Enums.Interpretation.Cmyk when image.Format == Enums.BandFormat.Ushort => image.Colourspace(Enums.Interpretation.Rgb16),
        Enums.Interpretation.Cmyk or Enums.Interpretation.Lab or Enums.Interpretation.Labs => image.Colourspace(Enums.Interpretation.Srgb),
        _ => image.Copy(),
    };

    private static Image Copy(VipsImage image, EncodedImage facts)
    {
        (int width, int height, int channels) = (image.Width, image.Height, image.Bands);
        if ((long)width * height * channels > Array.MaxLength)
        {
            throw new UnreadableSampleException($"too large: {width} x {height} pixels of {channels} channels");
        }

        switch (image.Format)
        {
            case Enums.BandFormat.Uchar:
                return new Image(width, height, channels, image.WriteToMemory<byte>());
            case Enums.BandFormat.Ushort:
                return new Image(width, height, channels, image.WriteToMemory<ushort>());
            case Enums.BandFormat.Float:
                return new Image(width, height, channels, image.WriteToMemory<float>());
            case Enums.BandFormat.Char:
                using (VipsImage bytes = image.Cast(Enums.BandFormat.Uchar))
                {
                    return new Image(width, height, channels, bytes.WriteToMemory<byte>());
                }

            case Enums.BandFormat.Short:
                using (VipsImage words = image.Cast(Enums.BandFormat.Ushort))
                {
                    return new Image(width, height, channels, words.WriteToMemory<ushort>());
                }

            case Enums.BandFormat.Double:
                return Floats(image, 1);
            case Enums.BandFormat.Int:
                return Floats(image, 1.0 / int.MaxValue);
            case Enums.BandFormat.Uint:
                return Floats(image, 1.0 / uint.MaxValue);
            default:
                throw new UnreadableSampleException($"{facts.Name} of complex numbers, which are no pixels");
        }
    }

    private static Image Floats(VipsImage image, double scale)
    {
        using VipsImage scaled = image.Linear([scale], [0.0]);
        using VipsImage floats = scaled.Cast(Enums.BandFormat.Float);
        float[] values = floats.WriteToMemory<float>();
        return new Image(image.Width, image.Height, image.Bands, values);
    }
}
