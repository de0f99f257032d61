using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace ByolSharp.Images.Scanning;

/// <summary>What a scan keeps of one image; <see cref="Image.Width"/> 0 where it was unreadable.</summary>
internal readonly record struct ImageFacts(
    int Width, int Height, int Channels, PixelFormat Format, long SizeInBytes, UInt128 PixelHash, ulong LookHash)
{
    public bool IsReadable => Width > 0;

    /// <summary>Takes the facts of an image and fills its brightness grid.</summary>
    public static ImageFacts Of(Image image, Span<byte> grid)
    {
        var hash = new XxHash128();
        ReadOnlySpan<int> shape = [image.Width, image.Height, image.Channels, (int)image.Format];
        hash.Append(MemoryMarshal.AsBytes(shape));
        hash.Append(image.Format switch
        {
            PixelFormat.UInt8 => image.Bytes,
            PixelFormat.UInt16 => MemoryMarshal.AsBytes(image.Words),
            _ => MemoryMarshal.AsBytes(image.Floats),
        });
        ulong look = PerceptualHash.Of(image, grid);
        return new ImageFacts(image.Width, image.Height, image.Channels, image.Format, image.SizeInBytes, hash.GetCurrentHashAsUInt128(), look);
    }
}
