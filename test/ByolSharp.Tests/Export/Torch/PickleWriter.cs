using System.IO.Compression;
using System.Text;

namespace ByolSharp.Tests.Export.Torch;

/// <summary>Writes pickles instruction by instruction, and the files around them, as PyTorch does and as it never would.</summary>
internal sealed class PickleWriter
{
    private readonly List<byte> _bytes = [0x80, 2];

    public PickleWriter Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public PickleWriter Op(char opcode) => Raw((byte)opcode);

    public PickleWriter Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return Op('X').Raw(BitConverter.GetBytes(utf8.Length)).Raw(utf8);
    }

    public PickleWriter Number(int value) => Op('J').Raw(BitConverter.GetBytes(value));

    public PickleWriter Tuple(params int[] values)
    {
        Op('(');
        foreach (int value in values)
        {
            Number(value);
        }
        return Op('t');
    }

    /// <summary>GLOBAL.</summary>
    public PickleWriter Name(string module, string name) => Op('c').Raw(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));

    /// <summary>A tensor by <c>_rebuild_tensor_v2</c>.</summary>
    public PickleWriter Tensor(string storageType, string key, int count, int offset, int[] shape, int[] strides) =>
        Name("torch._utils", "_rebuild_tensor_v2").Op('(')
            .Op('(').Text("storage").Name("torch", storageType).Text(key).Text("cpu").Number(count).Op('t').Op('Q')
            .Number(offset).Tuple(shape).Tuple(strides).Raw(0x89)
            .Name("collections", "OrderedDict").Op(')').Op('R').Op('t').Op('R');

    /// <summary>A state dict of tensors that <paramref name="tensors"/> writes, with the module versions that PyTorch gives it.</summary>
    public PickleWriter StateDict(Action<PickleWriter> tensors)
    {
        Name("collections", "OrderedDict").Op(')').Op('R').Op('(');
        tensors(this);
        return Op('u').Op('}').Text("_metadata").Op('}').Op('s').Op('b');
    }

    public byte[] ToArray() => [.. _bytes, (byte)'.'];

    /// <summary>Today's file: a zip archive with the pickle and the storages.</summary>
    public byte[] ToZip(CompressionLevel level = CompressionLevel.NoCompression, string byteOrder = "little", params (string Key, byte[] Values)[] storages)
    {
        using var file = new MemoryStream();
        using (var archive = new ZipArchive(file, ZipArchiveMode.Create))
        {
            foreach ((string name, byte[] content) in
                storages.Select(s => ($"data/{s.Key}", s.Values)).Prepend(("byteorder", Encoding.ASCII.GetBytes(byteOrder))).Prepend(("data.pkl", ToArray())))
            {
                using Stream entry = archive.CreateEntry($"archive/{name}", level).Open();
                entry.Write(content);
            }
        }
        return file.ToArray();
    }

    /// <summary>The format before 1.6; <paramref name="storages"/> have their number of elements.</summary>
    public byte[] ToOldFile(params (string Key, long Count, byte[] Values)[] storages)
    {
        var keys = new PickleWriter().Op(']').Op('(');
        var values = new List<byte>();
        foreach ((string key, long count, byte[] content) in storages)
        {
            keys.Text(key);
            values.AddRange(BitConverter.GetBytes(count));
            values.AddRange(content);
        }
        byte[] magic = new PickleWriter().Raw(0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19).ToArray();
        byte[] system = new PickleWriter().Op('}').Text("little_endian").Raw(0x88).Op('s').ToArray();
        return [.. magic, .. new PickleWriter().Number(1001).ToArray(), .. system, .. ToArray(), .. keys.Op('e').ToArray(), .. values];
    }

    public static byte[] Singles(params float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    public static byte[] BFloat16(params float[] values) => [.. values.SelectMany(value => BitConverter.GetBytes(value)[2..])];
}
