using System.Formats.Tar;
using System.Text;
using ByolSharp.Export;
using ByolSharp.Export.Torch;
using ByolSharp.Images;
using ByolSharp.Images.Decoding;
using ByolSharp.Images.Sources;
using ByolSharp.Sources;
using ByolSharp.Tests.Export.Torch;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Fuzzing;

/// <summary>A reader and whole files of what it reads.</summary>
/// <param name="Name">What it reads.</param>
/// <param name="FileName">Name of the file that is damaged, by which readers know the format.</param>
/// <param name="Corpus">Whole files.</param>
/// <param name="Read">Reads a file, all of it.</param>
internal sealed record FuzzTarget(string Name, string FileName, IReadOnlyList<byte[]> Corpus, Action<string> Read)
{
    /// <summary>All readers of what comes from outside.</summary>
    internal static IReadOnlyList<FuzzTarget> All(string folder) =>
    [
        new("safetensors", "a.safetensors", [Weights(folder, 3), Weights(folder, 1)], path => SafeTensors.Read(path).Dispose()),
        new("pth", "a.pth", [NewWeights(), OldWeights()], path => TorchCheckpoint.Read(path).Dispose()),
        new("tar", "a.tar", [Tar(TarEntryFormat.Ustar), Tar(TarEntryFormat.Pax), Tar(TarEntryFormat.Gnu)], ReadTar),
        new("idx", "train-images-idx3-ubyte", [Idx(3, 4, 5), Idx(1, 28, 28)], path => IdxImages.Open([path], null)),
        new("cifar", "data_batch_1.bin", [new byte[2 * 3073]], path => CifarBinary.Open([path], null)),
        new("csv", "a.csv", [Utf8("path,label\na.png,cat\n\"b, \"\"c\"\".png\",dog\n"), Utf8("label,file\r\n1,x/y.jpg\r\n2,z.jpg\r\n")], path => FileList.OpenCsv(path, null)),
        new("list", "a.txt", [Utf8("a.png\tcat\nb.png\tdog\n# no\n"), Utf8("x/y.jpg\nz.jpg\n")], path => FileList.OpenText(path, null)),
        new("options", "a.json", [Utf8(OptionsJson.Write(new RunOptions())), Utf8(/*lang=json,strict*/ """{"trainer": {"batchSize": 64, "duration": "20m"}, "seed": 1}""")],
            path => OptionsJson.Read(new RunOptions(), File.ReadAllText(path), path).Validate()),
        new("headers", "a.jpg", Pictures(), path => EncodedImage.Inspect(File.ReadAllBytes(path))),
        new("images", "a.jpg", Pictures(), path => new ImageDecoder { MaxPixels = 1 << 20 }.DecodeFile(path)),
    ];

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Weights(string folder, int count)
    {
        using var scope = NewDisposeScope();
        string path = Path.Combine(folder, "whole.safetensors");
        SafeTensors.Write(path, Enumerable.Range(0, count).Select(i => ($"layer{i}.weight", ones(i + 1, 3))), new Dictionary<string, string> { ["note"] = "x" });
        return File.ReadAllBytes(path);
    }

    private static PickleWriter StateDict() => new PickleWriter().StateDict(p => p
        .Text("a").Tensor("FloatStorage", "0", 6, 0, [2, 3], [3, 1])
        .Text("b").Tensor("LongStorage", "1", 1, 0, [], []));

    private static byte[] NewWeights() => StateDict().ToZip(storages: [("0", PickleWriter.Singles(1, 2, 3, 4, 5, 6)), ("1", BitConverter.GetBytes(7L))]);

    private static byte[] OldWeights() => StateDict().ToOldFile(("0", 6, PickleWriter.Singles(1, 2, 3, 4, 5, 6)), ("1", 1, BitConverter.GetBytes(7L)));

    private static byte[] Tar(TarEntryFormat format)
    {
        using var file = new MemoryStream();
        using (var writer = new TarWriter(file, format, leaveOpen: true))
        {
            foreach (string name in new[] { "train/cat/1.png", "./train/dog/2.png", "../../outside.png", "/etc/3.png", "1.cls" })
            {
                TarEntry entry = format switch
                {
                    TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name),
                    TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
                    _ => new PaxTarEntry(TarEntryType.RegularFile, name),
                };
                entry.DataStream = new MemoryStream(Utf8("0"));
                writer.WriteEntry(entry);
            }
        }
        return file.ToArray();
    }

    private static void ReadTar(string path)
    {
        var samples = TarShards.Open([path], EncodedImages.Kind, null);
        for (int i = 0; i < samples.Count; i++)
        {
            try
            {
                _ = samples.FileOf(i).Read();
            }
            catch (UnreadableSampleException)
            {
                // one sample less; the others are read
            }
        }
    }

    private static byte[] Idx(byte count, byte height, byte width) =>
        [0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, height, 0, 0, 0, width, .. new byte[count * height * width]];

    private static byte[][] Pictures() =>
    [
        Images.Pictures.Jpeg(12, 9), Images.Pictures.Jpeg(12, 9, 1, progressive: true), Images.Pictures.Png(9, 7, 3), Images.Pictures.Png(9, 7, 4),
        Images.Pictures.Bmp(Images.Pictures.Make(5, 4, 3)), Images.Pictures.ToVips(Images.Pictures.Make(9, 7, 3)).WebpsaveBuffer(),
        Images.Pictures.ToVips(Images.Pictures.Make(9, 7, 3)).TiffsaveBuffer(),
    ];
}
