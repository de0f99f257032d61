using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using ByolSharp.Sources;

namespace ByolSharp.Images.Sources;

/// <summary>Images in the IDX format of MNIST and its relatives: grey, 8 bits, all of one size, gzip'd or not.</summary>
internal static class IdxImages
{
    private const string ImagesSuffix = "-images-idx3-ubyte", LabelsSuffix = "-labels-idx1-ubyte";
    private const uint ImagesMagic = 0x803, LabelsMagic = 0x801;
    private const int MostPixels = 1 << 24; // of an image: 4096 x 4096, where the format is for small ones

    /// <summary>Whether a lower-case file name is that of an image file.</summary>
    public static bool IsImageFile(string name) =>
        name.EndsWith(ImagesSuffix, StringComparison.Ordinal) || name.EndsWith(ImagesSuffix + ".gz", StringComparison.Ordinal);

    /// <summary>Reads all images of the files and the labels beside them; test files only where they are alone.</summary>
    public static ImagesInMemory Open(string[] files, IReadOnlyList<string>? classNames)
    {
        files = [.. files.Order(StringComparer.Ordinal)];
        string[] training = [.. files.Where(f => !IsTest(Path.GetFileName(f)))];
        var images = new List<Image>();
        var names = new List<string>();
        var labels = new List<byte>();
        foreach (string file in training.Length > 0 ? training : files)
        {
            int first = images.Count;
            ReadImages(file, images, names);
            if (LabelsBeside(file) is { } labelFile)
            {
                labels.AddRange(ReadLabels(labelFile, images.Count - first));
            }
        }

        if (labels.Count != 0 && labels.Count != images.Count)
        {
            throw new UnusableDataException($"some IDX files beside '{files[0]}' have a labels file and some have none: add or remove it");
        }

        ClassLabels classes = labels.Count == 0
            ? ClassLabels.FromNames([], null)
            : ClassLabels.FromNumbers([.. labels], null, classNames);
        return new ImagesInMemory([.. images], [.. names], classes);
    }

    private static void ReadImages(string file, List<Image> images, List<string> names)
    {
        using Stream stream = OpenRead(file);
        int count = ReadHeader(stream, file, ImagesMagic);
        (int height, int width) = (ReadNumber(stream, file), ReadNumber(stream, file));
        if (count < 1 || height is < 1 or > ushort.MaxValue || width is < 1 or > ushort.MaxValue || (long)width * height > MostPixels)
        {
            throw new UnusableDataException($"'{file}' says that it holds {count} images of {width} x {height} pixels: it is damaged");
        }

        for (int i = 0; i < count; i++)
        {
            var pixels = new byte[width * height];
            Fill(stream, pixels, file);
            images.Add(new Image(width, height, 1, pixels));
            names.Add(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(file)}/{i:D5}"));
        }
    }

    private static byte[] ReadLabels(string file, int imageCount)
    {
        using Stream stream = OpenRead(file);
        int count = ReadHeader(stream, file, LabelsMagic);
        if (count != imageCount)
        {
            throw new UnusableDataException($"'{file}' has {count} labels for {imageCount} images");
        }

        var labels = new byte[count];
        Fill(stream, labels, file);
        return labels;
    }

    private static Stream OpenRead(string file)
    {
        Stream stream = File.OpenRead(file);
        return file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(stream, CompressionMode.Decompress) : stream;
    }

    private static int ReadHeader(Stream stream, string file, uint magic) =>
        (uint)ReadNumber(stream, file) == magic
            ? ReadNumber(stream, file)
            : throw new UnusableDataException($"'{file}' is not IDX of unsigned bytes: it does not start with 0x{magic:X8}");

    private static int ReadNumber(Stream stream, string file)
    {
        Span<byte> bytes = stackalloc byte[4];
        Fill(stream, bytes, file);
        return BinaryPrimitives.ReadInt32BigEndian(bytes);
    }

    private static void Fill(Stream stream, Span<byte> bytes, string file)
    {
        try
        {
            stream.ReadExactly(bytes);
        }
        catch (Exception e) when (e is EndOfStreamException or InvalidDataException)
        {
            throw new UnusableDataException($"'{file}' is truncated or damaged: fetch it again", e);
        }
    }

    private static string? LabelsBeside(string file)
    {
        string plain = file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? file[..^3] : file;
        string labels = plain[..^ImagesSuffix.Length] + LabelsSuffix;
        return File.Exists(labels) ? labels : File.Exists(labels + ".gz") ? labels + ".gz" : null;
    }

    private static bool IsTest(string name) =>
        name.StartsWith("t10k-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("test-", StringComparison.OrdinalIgnoreCase);
}
