using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SkiaSharp;

namespace ByolSharp.Images.Decoding;

/// <summary>8-bit JPEG, PNG, WebP, GIF and BMP by Skia, without colour management, so that values are as stored.</summary>
internal static unsafe class SkiaDecoder
{
    public static Image Decode(ReadOnlySpan<byte> encoded, EncodedImage facts, int shortSide, Action<int, int> checkSize)
    {
        fixed (byte* bytes = encoded)
        {
            using SKData data = SKData.Create((nint)bytes, encoded.Length);
            using SKCodec codec = SKCodec.Create(new SKMemoryStream(data), out SKCodecResult result) ?? throw Unreadable(facts, result);
            SKImageInfo info = codec.Info;
            checkSize(info.Width, info.Height);
            bool hasAlpha = info.AlphaType != SKAlphaType.Opaque;
            (int width, int height) = codec.EncodedFormat == SKEncodedImageFormat.Jpeg
                ? JpegStructure.ScaledSize(info.Width, info.Height, shortSide) : (info.Width, info.Height);
            return info.ColorType == SKColorType.Gray8
                ? Grey(codec, facts, width, height)
                : Coloured(codec, facts, width, height, facts.IsGrey ? 2 : hasAlpha ? 4 : 3);
        }
    }

    private static Image Grey(SKCodec codec, EncodedImage facts, int width, int height)
    {
        byte[] pixels = GC.AllocateUninitializedArray<byte>(width * height);
        GetPixels(codec, facts, new SKImageInfo(width, height, SKColorType.Gray8, SKAlphaType.Opaque), pixels);
        return ExifOrientation.Apply(facts.Orientation, width, height, 1, pixels);
    }

    private static Image Coloured(SKCodec codec, EncodedImage facts, int width, int height, int channels)
    {
        var target = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        int length = checked(width * height * 4);
        byte[] rgba = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            GetPixels(codec, facts, target, rgba);
            Span<byte> used = rgba.AsSpan(0, length);

            // Films as GIF reserve a transparent colour even where their first frame shows none.
            channels = facts.Name == "GIF" && IsOpaque(used) ? 3 : channels;
            return ExifOrientation.Apply(facts.Orientation, width, height, channels, Take(used, channels));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rgba);
        }
    }

    private static byte[] Take(ReadOnlySpan<byte> rgba, int channels)
    {
        byte[] pixels = GC.AllocateUninitializedArray<byte>(rgba.Length / 4 * channels);
        switch (channels)
        {
            case 2:
                TakeRedAndAlpha(rgba, pixels);
                break;
            case 3:
                TakeRgb(rgba, pixels);
                break;
            default:
                rgba.CopyTo(pixels);
                break;
        }

        return pixels;
    }

    private static bool IsOpaque(ReadOnlySpan<byte> rgba)
    {
        for (int alpha = 3; alpha < rgba.Length; alpha += 4)
        {
            if (rgba[alpha] != 255)
            {
                return false;
            }
        }

        return true;
    }

    private static void GetPixels(SKCodec codec, EncodedImage facts, SKImageInfo target, byte[] pixels)
    {
        fixed (byte* destination = pixels)
        {
            SKCodecResult result = codec.GetPixels(target, (nint)destination);
            if (result != SKCodecResult.Success)
            {
                throw Unreadable(facts, result);
            }
        }
    }

    private static UnreadableSampleException Unreadable(EncodedImage facts, SKCodecResult result)
    {
        // The structure of JPEG, PNG and WebP was found whole, so there data that ends early is damage and not truncation.
        bool isTruncated = result == SKCodecResult.IncompleteInput && facts.Name is "GIF" or "BMP";
        return new UnreadableSampleException(isTruncated ? $"truncated {facts.Name}" : facts.CorruptMessage);
    }

    // Four pixels a turn; each store writes four bytes too many, which the next one overwrites.
    private static void TakeRgb(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        ref byte source = ref MemoryMarshal.GetReference(rgba), target = ref MemoryMarshal.GetReference(rgb);
        Vector128<byte> order = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255);
        nuint from = 0, to = 0;
        for (; to + 16 <= (nuint)rgb.Length; from += 16, to += 12)
        {
            Vector128.ShuffleNative(Vector128.LoadUnsafe(ref source, from), order).StoreUnsafe(ref target, to);
        }

        for (; to < (nuint)rgb.Length; from += 4, to += 3)
        {
            rgba.Slice((int)from, 3).CopyTo(rgb[(int)to..]);
        }
    }

    private static void TakeRedAndAlpha(ReadOnlySpan<byte> rgba, Span<byte> greyAlpha)
    {
        for (int from = 0, to = 0; to < greyAlpha.Length; from += 4, to += 2)
        {
            greyAlpha[to] = rgba[from];
            greyAlpha[to + 1] = rgba[from + 3];
        }
    }
}
