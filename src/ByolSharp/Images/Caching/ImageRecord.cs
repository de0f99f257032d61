using System.Buffers.Binary;
using System.IO.Hashing;

namespace ByolSharp.Images.Caching;

/// <summary>
/// An image as it lies in a pack: a header of 40 bytes (checksum 8, key 16, then width, height, channels and pixel format of 4 each),
/// then its values. The checksum is XxHash3 of all that follows it. Numbers are little-endian.
/// </summary>
internal static class ImageRecord
{
    private const int HeaderLength = 40, ChecksumLength = sizeof(ulong);

    /// <summary>Bytes that the record of an image takes.</summary>
    internal static long LengthOf(Image image) => HeaderLength + image.SizeInBytes;

    /// <summary>Writes a record into a file.</summary>
    /// <exception cref="IOException">The disk is full or fails; part of the record may be there.</exception>
    internal static void Write(Microsoft.Win32.SafeHandles.SafeFileHandle file, long offset, UInt128 key, Image image)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        BinaryPrimitives.WriteUInt128LittleEndian(header[8..], key);
        BinaryPrimitives.WriteInt32LittleEndian(header[24..], image.Width);
        BinaryPrimitives.WriteInt32LittleEndian(header[28..], image.Height);
        BinaryPrimitives.WriteInt32LittleEndian(header[32..], image.Channels);
        BinaryPrimitives.WriteInt32LittleEndian(header[36..], (int)image.Format);
        BinaryPrimitives.WriteUInt64LittleEndian(header, Checksum(header, image));
        RandomAccess.Write(file, header, offset);
        RandomAccess.Write(file, image.Raw, offset + HeaderLength);
    }

    /// <summary>Copies an image out of a record; null where the bytes are not the whole record of this key.</summary>
    /// <param name="bytes">From the start of the record on; may be longer than it.</param>
    /// <param name="key">What the record must say that it holds.</param>
    internal static Image? TryRead(ReadOnlySpan<byte> bytes, UInt128 key)
    {
        if (bytes.Length < HeaderLength || BinaryPrimitives.ReadUInt128LittleEndian(bytes[8..]) != key)
        {
            return null;
        }

        int width = BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]), height = BinaryPrimitives.ReadInt32LittleEndian(bytes[28..]);
        int channels = BinaryPrimitives.ReadInt32LittleEndian(bytes[32..]);
        var format = (PixelFormat)BinaryPrimitives.ReadInt32LittleEndian(bytes[36..]);
        ReadOnlySpan<byte> pixels = bytes[HeaderLength..];
        if (width < 1 || height < 1 || channels < 1 || !Enum.IsDefined(format)
            || (UInt128)width * (uint)height * (uint)channels * (uint)Image.BytesPerValue(format) is var length && length > (uint)pixels.Length)
        {
            return null;
        }

        // The copy is what is checked, since nothing can change it any more.
        var image = Image.FromRaw(width, height, channels, format, pixels[..(int)length]);
        return Checksum(bytes, image) == BinaryPrimitives.ReadUInt64LittleEndian(bytes) ? image : null;
    }

    private static ulong Checksum(ReadOnlySpan<byte> header, Image image) =>
        XxHash3.HashToUInt64(image.Raw, (long)XxHash3.HashToUInt64(header[ChecksumLength..HeaderLength]));
}
