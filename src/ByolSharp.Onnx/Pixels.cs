using SkiaSharp;

namespace ByolSharp.Onnx;

/// <summary>A decoded image: rows from the top, channels interleaved, upright.</summary>
internal sealed record Pixels(int Width, int Height, byte[] Values)
{
    private const float RedWeight = 0.2989f, GreenWeight = 0.5870f, BlueWeight = 0.1140f; // as in training
    private const int RgbaBytes = 4;

    /// <summary>Decodes JPEG, PNG, WebP, GIF (first frame) or BMP by Skia, without colour management, and turns it as EXIF says.</summary>
    /// <param name="encoded">The content of a file.</param>
    /// <param name="channels">3 for RGB, 1 for luminance.</param>
    /// <param name="maxPixels">The most pixels that an image may declare.</param>
    /// <exception cref="InvalidDataException">It is no such image, damaged or too large.</exception>
    public static unsafe Pixels Decode(ReadOnlySpan<byte> encoded, int channels, long maxPixels)
    {
        if (encoded.IsEmpty)
        {
            throw new InvalidDataException("an empty file");
        }
        fixed (byte* bytes = encoded)
        {
            using var data = SKData.Create((nint)bytes, encoded.Length);
            using var codec = SKCodec.Create(data) ?? throw new InvalidDataException("not an image (JPEG, PNG, WebP, GIF or BMP)");
            (int width, int height) = (codec.Info.Width, codec.Info.Height);
            if ((long)width * height > maxPixels)
            {
                throw new InvalidDataException(FormattableString.Invariant($"too large: {width} x {height} pixels, the limit is {maxPixels:N0}"));
            }
            byte[] rgba = GC.AllocateUninitializedArray<byte>(checked(width * height * RgbaBytes));
            fixed (byte* target = rgba)
            {
                var result = codec.GetPixels(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul), (nint)target);
                if (result != SKCodecResult.Success)
                {
                    throw new InvalidDataException($"damaged image ({result})");
                }
            }
            return Upright(rgba, width, height, channels, (int)codec.EncodedOrigin);
        }
    }

    /// <summary>Copies pixels in upright order; <paramref name="orientation"/> is EXIF's, 1 to 8.</summary>
    private static Pixels Upright(byte[] rgba, int width, int height, int channels, int orientation)
    {
        bool isTurned = orientation >= 5, fromRight = orientation is 2 or 3 or 7 or 8, fromBottom = orientation is 3 or 4 or 6 or 7;
        (int uprightWidth, int uprightHeight) = isTurned ? (height, width) : (width, height);
        byte[] values = GC.AllocateUninitializedArray<byte>(width * height * channels);
        int to = 0;
        for (int y = 0; y < uprightHeight; y++)
        {
            for (int x = 0; x < uprightWidth; x++, to += channels)
            {
                (int column, int row) = isTurned ? (y, x) : (x, y);
                column = fromRight ? width - 1 - column : column;
                row = fromBottom ? height - 1 - row : row;
                Take(rgba.AsSpan((row * width + column) * RgbaBytes, RgbaBytes), values.AsSpan(to, channels));
            }
        }
        return new(uprightWidth, uprightHeight, values);
    }

    private static void Take(ReadOnlySpan<byte> rgba, Span<byte> pixel)
    {
        if (pixel.Length == 1)
        {
            pixel[0] = (byte)(RedWeight * rgba[0] + GreenWeight * rgba[1] + BlueWeight * rgba[2] + 0.5f);
        }
        else
        {
            rgba[..pixel.Length].CopyTo(pixel);
        }
    }
}
