using System.Runtime.InteropServices;

namespace ByolSharp.Images;

/// <summary>How a channel value is stored.</summary>
public enum PixelFormat
{
    /// <summary>8 bits, 0 to 255.</summary>
    UInt8,

    /// <summary>16 bits, 0 to 65535.</summary>
    UInt16,

    /// <summary>32-bit float, nominally 0 to 1.</summary>
    Float32,
}

/// <summary>A decoded image: rows from the top, pixels from the left, channels interleaved. Immutable by convention.</summary>
public sealed class Image
{
    private readonly Array _pixels;

    /// <summary>An image of 8-bit channels.</summary>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    /// <param name="channels">Values a pixel: 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA, more for multispectral.</param>
    /// <param name="pixels">width * height * channels values.</param>
    public Image(int width, int height, int channels, byte[] pixels) : this(width, height, channels, PixelFormat.UInt8, pixels) { }

    /// <summary>An image of 16-bit channels; see the 8-bit constructor.</summary>
    public Image(int width, int height, int channels, ushort[] pixels) : this(width, height, channels, PixelFormat.UInt16, pixels) { }

    /// <summary>An image of float channels in [0, 1]; see the 8-bit constructor.</summary>
    public Image(int width, int height, int channels, float[] pixels) : this(width, height, channels, PixelFormat.Float32, pixels) { }

    private Image(int width, int height, int channels, PixelFormat format, Array pixels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        ArgumentOutOfRangeException.ThrowIfNotEqual(pixels.LongLength, (long)width * height * channels);
        (Width, Height, Channels, Format, _pixels) = (width, height, channels, format, pixels);
    }

    /// <summary>Pixels a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Values a pixel.</summary>
    public int Channels { get; }

    /// <summary>Type of the values.</summary>
    public PixelFormat Format { get; }

    /// <summary>The values of an image of <see cref="PixelFormat.UInt8"/>; of another format: <see cref="InvalidCastException"/>.</summary>
    public ReadOnlySpan<byte> Bytes => (byte[])_pixels;

    /// <summary>The values of an image of <see cref="PixelFormat.UInt16"/>.</summary>
    public ReadOnlySpan<ushort> Words => (ushort[])_pixels;

    /// <summary>The values of an image of <see cref="PixelFormat.Float32"/>.</summary>
    public ReadOnlySpan<float> Floats => (float[])_pixels;

    /// <summary>Bytes of memory that the pixels take.</summary>
    public long SizeInBytes => _pixels.LongLength * BytesPerValue(Format);

    /// <summary>The values of any format as they lie in memory; of at most 2 GiB.</summary>
    internal ReadOnlySpan<byte> Raw =>
        MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetArrayDataReference(_pixels), checked((int)SizeInBytes));

    /// <summary>An image whose values are copied from memory; see <see cref="Raw"/>.</summary>
    internal static Image FromRaw(int width, int height, int channels, PixelFormat format, ReadOnlySpan<byte> raw) => format switch
    {
        PixelFormat.UInt8 => new(width, height, channels, raw.ToArray()),
        PixelFormat.UInt16 => new(width, height, channels, MemoryMarshal.Cast<byte, ushort>(raw).ToArray()),
        _ => new(width, height, channels, MemoryMarshal.Cast<byte, float>(raw).ToArray()),
    };

    internal static int BytesPerValue(PixelFormat format) => format switch
    {
        PixelFormat.UInt8 => sizeof(byte),
        PixelFormat.UInt16 => sizeof(ushort),
        _ => sizeof(float),
    };
}
