using ByolSharp.Images;

namespace ByolSharp.Video.Decoding;

/// <summary>Frames as ffmpeg writes them into a pipe: binary PPM images one after the other, each with its size before its RGB bytes.</summary>
internal static class PixmapStream
{
    private const int Channels = 3;

    /// <summary>Reads frames until the stream ends; one that is cut short is left out.</summary>
    internal static List<Image> Read(Stream stream)
    {
        var buffered = new BufferedStream(stream, 1 << 16);
        var frames = new List<Image>();
        while (ReadWord(buffered) == "P6")
        {
            var (width, height) = (Number(ReadWord(buffered)), Number(ReadWord(buffered)));
            ReadWord(buffered); // the largest value: 255
            var pixels = new byte[checked(width * height * Channels)];
            if (buffered.ReadAtLeast(pixels, pixels.Length, throwOnEndOfStream: false) < pixels.Length)
            {
                break;
            }
            frames.Add(new(width, height, Channels, pixels));
        }
        return frames;
    }

    private static int Number(string word) => int.Parse(word, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A word and the one blank behind it; empty at the end.</summary>
    private static string ReadWord(Stream stream)
    {
        Span<char> word = stackalloc char[16];
        int length = 0;
        for (int value = stream.ReadByte(); value > ' ' && length < word.Length; value = stream.ReadByte())
        {
            word[length++] = (char)value;
        }
        return word[..length].ToString();
    }
}
