using System.Globalization;
using ByolSharp.Sources;

namespace ByolSharp.Images.Sources;

/// <summary>CIFAR-10 in its binary format: records of a label byte and 32 x 32 pixels as planes of red, green and blue.</summary>
internal static class CifarBinary
{
    private const int Side = 32, PlaneLength = Side * Side, RecordLength = 1 + 3 * PlaneLength, ClassCount = 10;

    /// <summary>Reads all records of the files; the test batch only where it is alone.</summary>
    public static ImagesInMemory Open(string[] files, IReadOnlyList<string>? classNames)
    {
        files = [.. files.Order(StringComparer.Ordinal)];
        string[] training = [.. files.Where(f => !Path.GetFileName(f).StartsWith("test", StringComparison.OrdinalIgnoreCase))];
        var images = new List<Image>();
        var names = new List<string>();
        var labels = new List<byte>();
        foreach (string file in training.Length > 0 ? training : files)
        {
            Read(file, images, names, labels);
        }

        ClassLabels classes = ClassLabels.FromNumbers([.. labels], ClassNames(files[0]), classNames);
        return new ImagesInMemory([.. images], [.. names], classes);
    }

    private static void Read(string file, List<Image> images, List<string> names, List<byte> labels)
    {
        using FileStream stream = File.OpenRead(file);
        if (stream.Length == 0 || stream.Length % RecordLength != 0)
        {
            throw new UnusableDataException(FormattableString.Invariant(
                $"'{file}' is truncated or not CIFAR-10: its {stream.Length:N0} bytes are no multiple of {RecordLength:N0}, ")
                + "the length of a record");
        }

        var record = new byte[RecordLength];
        int count = (int)(stream.Length / RecordLength);
        for (int i = 0; i < count; i++)
        {
            stream.ReadExactly(record);
            if (record[0] >= ClassCount)
            {
                throw new UnusableDataException($"'{file}' is not CIFAR-10: record {i} has the label {record[0]}, which is above 9");
            }

            labels.Add(record[0]);
            names.Add(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(file)}/{i:D5}"));
            images.Add(new Image(Side, Side, 3, Interleaved(record.AsSpan(1))));
        }
    }

    private static byte[] Interleaved(ReadOnlySpan<byte> planes)
    {
        var pixels = new byte[planes.Length];
        for (int from = 0, to = 0; from < PlaneLength; from++)
        {
            pixels[to++] = planes[from];
            pixels[to++] = planes[from + PlaneLength];
            pixels[to++] = planes[from + 2 * PlaneLength];
        }

        return pixels;
    }

    private static string[] ClassNames(string file)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        string[] places = [folder, Path.GetDirectoryName(folder) ?? folder];
        string? list = places.Select(place => Path.Combine(place, "batches.meta.txt")).FirstOrDefault(File.Exists);
        string[] names = list is null ? [] : [.. File.ReadLines(list).Select(l => l.Trim()).Where(l => l.Length > 0)];
        return names.Length switch
        {
            0 => [.. Enumerable.Range(0, ClassCount).Select(i => i.ToString(CultureInfo.InvariantCulture))],
            ClassCount => names,
            _ => throw new UnusableDataException($"'{list}' names {names.Length} classes where CIFAR-10 has {ClassCount}"),
        };
    }
}
