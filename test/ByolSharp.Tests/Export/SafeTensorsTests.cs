using System.Text;
using ByolSharp.Export;
using CsCheck;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Export;

public sealed class SafeTensorsTests : IDisposable
{
    private static readonly ScalarType[] Types =
    [
        ScalarType.Float64, ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Int64, ScalarType.Int32,
        ScalarType.Int16, ScalarType.Int8, ScalarType.Byte, ScalarType.Bool,
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("byolsharp").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Tensors_of_all_types_and_shapes_come_back_bit_for_bit()
    {
        Gen<(int Type, int[] Shape, ulong Seed)> tensors = Gen.Select(Gen.Int[0, Types.Length - 1], Gen.Int[0, 4].Array[0, 4], Gen.ULong);
        Gen<(string Name, (int Type, int[] Shape, ulong Seed) Tensor)[]> files =
            Gen.Select(Gen.String[1, 12].Where(n => n != "__metadata__" && IsUnicode(n)), tensors).Array[0, 6];

        files.Sample(file =>
        {
            using IDisposable scope = NewDisposeScope();
            string path = PathOf("all.safetensors");
            (string Name, Tensor Value)[] written = [.. file.DistinctBy(t => t.Name).Select(t => (t.Name, Random(t.Tensor)))];
            SafeTensors.Write(path, written, new Dictionary<string, string> { ["note"] = "\"grün\"\n" });

            using SafeTensorsFile read = SafeTensors.Read(path);

            Assert.Equal("\"grün\"\n", read.Metadata["note"]);
            Assert.Equal(written.Length, read.Tensors.Count);
            foreach ((string name, Tensor value) in written)
            {
                Assert.Equal(value.dtype, read.Tensors[name].dtype);
                Assert.Equal(value.shape, read.Tensors[name].shape);
                Assert.Equal(Bytes(value), Bytes(read.Tensors[name]));
            }
        }, iter: 200, threads: 1);
    }

    [Fact]
    public void Values_are_stored_in_logical_order_whatever_the_strides()
    {
        using IDisposable scope = NewDisposeScope();
        Tensor plain = arange(2 * 3 * 4 * 5, ScalarType.Float32).view(2, 3, 4, 5);
        Tensor channelsLast = plain.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        Tensor window = arange(500, ScalarType.Float32).narrow(0, 7, 120).view(2, 3, 4, 5);
        string path = PathOf("strides.safetensors");

        SafeTensors.Write(path, [("plain", plain), ("channelsLast", channelsLast), ("window", window)]);
        using SafeTensorsFile file = SafeTensors.Read(path);

        Assert.Equal(Bytes(plain), Bytes(file.Tensors["channelsLast"]));
        Assert.Equal(Bytes(plain), Bytes(file.Tensors["plain"]));
        Assert.Equal(7f, file.Tensors["window"].data<float>()[0]);
    }

    [Fact]
    public void A_file_is_laid_out_as_the_format_says()
    {
        using Tensor small = tensor(new byte[] { 1, 2, 3 }), wide = tensor([1.5f]);
        string path = PathOf("layout.safetensors");

        SafeTensors.Write(path, [("small", small), ("wide", wide)]);
        byte[] bytes = File.ReadAllBytes(path);
        int header = (int)BitConverter.ToUInt64(bytes);
        string json = Encoding.UTF8.GetString(bytes, 8, header);

        Assert.Equal(0, header % 8);
        Assert.Equal("""{"wide":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"small":{"dtype":"U8","shape":[3],"data_offsets":[4,7]}}""", json.TrimEnd(' '));
        Assert.Equal(1.5f, BitConverter.ToSingle(bytes, 8 + header));
        Assert.Equal([1, 2, 3], bytes[(8 + header + 4)..]);
    }

    [Fact]
    public void The_header_alone_tells_names_types_and_shapes()
    {
        string path = TestData.Find("reference", "byol_step", "byol_step.safetensors");

        SafeTensorsHeader header = SafeTensors.ReadHeader(path);
        using SafeTensorsFile file = SafeTensors.Read(path);

        SafeTensorsEntry weight = header.Entries.Single(e => e.Name == "init.online.encoder.conv1.weight");
        Assert.Equal(ScalarType.Float32, weight.Type);
        Assert.Equal([8, 3, 3, 3], weight.Shape);
        Assert.Equal(header.Entries.Select(e => e.Name).Order(), file.Tensors.Keys.Order());
        Assert.InRange(file.Tensors["step0.loss"].to(ScalarType.Float32).item<float>(), 0.01f, 8);
        Assert.Equal([8, 3, 12, 12], file.Tensors["step0.view1"].shape);
    }

    [Theory]
    [InlineData("", "has 0 bytes")]
    [InlineData("abc", "has 3 bytes")]
    public void A_file_without_room_for_a_header_is_refused(string content, string reason)
    {
        File.WriteAllText(PathOf("short"), content);

        Assert.Contains(reason, Refusal(PathOf("short")));
    }

    [Theory]
    [InlineData(ulong.MaxValue, "more than the")]
    [InlineData(99_999_999, "the file has")]
    [InlineData(3, "no JSON")]
    public void A_header_length_that_lies_is_refused_without_allocating(ulong length, string reason)
    {
        File.WriteAllBytes(PathOf("lie"), [.. BitConverter.GetBytes(length), .. "{\"a\":1}"u8]);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Contains(reason, Refusal(PathOf("lie")));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000_000);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,16]}}""", "ends at byte 16 of only 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", "cannot take 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "'b' overlaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "gap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "end at byte 4 of 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", "'-8'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", "no range")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", "no range")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", "'-2'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}""", "cannot take 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807,9223372036854775807],"data_offsets":[0,8]}}""", "cannot take")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}""", "'F8_E4M3'")]
    [InlineData("""{"a":{"shape":[8],"data_offsets":[0,8]}}""", "unknown type")]
    [InlineData("""{"a":{"dtype":"F32","data_offsets":[0,8]}}""", "no shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", "'2.5'")]
    [InlineData("""{"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}""", "'2'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "'a' twice")]
    [InlineData("""{"a":7}""", "not described")]
    [InlineData("""{"__metadata__":{"a":1}}""", "no text")]
    [InlineData("""{"__metadata__":{"a":"\ud800"}}""", "no Unicode")]
    [InlineData("""{"__metadata__":[]}""", "__metadata__")]
    [InlineData("""[]""", "no JSON object")]
    [InlineData("""{"a":""", "no JSON")]
    public void A_header_that_contradicts_itself_or_the_file_is_refused(string json, string reason)
    {
        string path = PathOf("bad.safetensors");
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((ulong)Encoding.UTF8.GetByteCount(json)), .. Encoding.UTF8.GetBytes(json), .. new byte[8]]);

        string message = Refusal(path);

        Assert.Contains(reason, message);
        Assert.Contains("bad.safetensors", message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_file_cut_anywhere_or_with_a_broken_byte_never_crashes_the_reader()
    {
        string path = PathOf("good"), broken = PathOf("broken");
        using Tensor value = arange(20, ScalarType.Float32);
        SafeTensors.Write(path, [("a", value), ("b", value)], new Dictionary<string, string> { ["format"] = "pt" });
        byte[] good = File.ReadAllBytes(path);

        for (int length = 0; length < good.Length; length++)
        {
            File.WriteAllBytes(broken, good[..length]);
            Refusal(broken);
        }
        int header = 8 + (int)BitConverter.ToUInt64(good);
        Gen.Select(Gen.Int[0, header - 1], Gen.Byte).Sample(change =>
        {
            byte[] bytes = [.. good];
            bytes[change.Item1] = change.Item2;
            File.WriteAllBytes(broken, bytes);
            try
            {
                SafeTensors.Read(broken).Dispose();
            }
            catch (StorageException)
            {
            }
        }, iter: 500, threads: 1);
    }

    [Fact]
    public void An_absent_file_and_an_unwritable_place_are_named()
    {
        using Tensor value = zeros(1);

        Assert.Contains("absent.safetensors", Refusal(PathOf("absent.safetensors")));
        Assert.Contains("nowhere", Assert.Throws<StorageException>(() => SafeTensors.Write(PathOf("nowhere", "a"), [("a", value)])).Message);
    }

    [Fact]
    public void A_name_can_be_written_once()
    {
        using Tensor value = zeros(1);

        Assert.Throws<ArgumentException>(() => SafeTensors.Write(PathOf("a"), [("a", value), ("a", value)]));
        Assert.Throws<ArgumentException>(() => SafeTensors.Write(PathOf("a"), [("__metadata__", value)]));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Reading_leaves_no_tensors_behind()
    {
        string path = PathOf("leak");
        using Tensor value = arange(20, ScalarType.Float32);
        SafeTensors.Write(path, [("a", value)]);
        using IDisposable scope = NewDisposeScope();

        SafeTensorsFile file = SafeTensors.Read(path);
        Tensor read = file.Tensors["a"];
        Assert.False(read.IsInvalid);
        file.Dispose();

        Assert.True(read.IsInvalid);
    }

    private static bool IsUnicode(string text) => !text.Any(char.IsSurrogate);

    private static Tensor Random((int Type, int[] Shape, ulong Seed) t)
    {
        ScalarType type = Types[t.Type];
        long[] shape = [.. t.Shape.Select(s => (long)s)];
        var random = new SampleRandom((long)t.Seed);
        Tensor tensor = empty(shape, type);
        Span<byte> bytes = tensor.numel() == 0 ? [] : tensor.bytes;
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)random.NextInt(type == ScalarType.Bool ? 2 : 256);
        }
        return tensor;
    }

    private static byte[] Bytes(Tensor tensor) => tensor.numel() == 0 ? [] : tensor.contiguous().bytes.ToArray();

    private static string Refusal(string path) => Assert.Throws<StorageException>(() => SafeTensors.Read(path).Dispose()).Message;

    private string PathOf(params string[] parts) => Path.Combine([_folder, .. parts]);
}
