using System.IO.Compression;
using ByolSharp.Export;
using ByolSharp.Export.Torch;
using ByolSharp.Images.Backbones;
using ByolSharp.Tests.Images.Backbones;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Export.Torch;

public sealed class TorchCheckpointTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Storages_may_be_shared_strided_and_of_half_the_size(bool isOld)
    {
        PickleWriter pickle = new PickleWriter().StateDict(p => p
            .Text("rows").Tensor("FloatStorage", "0", 6, 0, [2, 3], [3, 1])
            .Text("columns").Tensor("FloatStorage", "0", 6, 0, [3, 2], [1, 3])
            .Text("tail").Tensor("FloatStorage", "0", 6, 4, [2], [1])
            .Text("brief").Tensor("BFloat16Storage", "1", 2, 0, [2], [1])
            .Text("count").Tensor("LongStorage", "2", 1, 0, [], [])
            .Text("none").Tensor("FloatStorage", "0", 6, 0, [0, 4], [4, 1]));
        byte[] values = PickleWriter.Singles(1, 2, 3, 4, 5, 6), brief = PickleWriter.BFloat16(-1.5f, 3), count = BitConverter.GetBytes(77L);
        string path = _folder.Write("weights.pth", isOld
            ? pickle.ToOldFile(("0", 6, values), ("1", 2, brief), ("2", 1, count))
            : pickle.ToZip(storages: [("0", values), ("1", brief), ("2", count)]));

        using TorchCheckpoint checkpoint = TorchCheckpoint.Read(path);

        Assert.True(TorchCheckpoint.IsOne(path));
        Assert.Equal(["rows", "columns", "tail", "brief", "count", "none"], checkpoint.Tensors.Keys);
        Assert.Equal([1, 2, 3, 4, 5, 6], checkpoint.Tensors["rows"].data<float>().ToArray());
        Assert.Equal([1, 4, 2, 5, 3, 6], checkpoint.Tensors["columns"].data<float>().ToArray());
        Assert.Equal([5, 6], checkpoint.Tensors["tail"].data<float>().ToArray());
        Assert.Equal((ScalarType.BFloat16, -1.5f), (checkpoint.Tensors["brief"].dtype, checkpoint.Tensors["brief"][0].to_type(ScalarType.Float32).item<float>()));
        Assert.Equal(77, checkpoint.Tensors["count"].item<long>());
        Assert.Equal([0, 4], checkpoint.Tensors["none"].shape);
    }

    [Fact]
    public void A_file_that_PyTorch_saved_holds_the_values_that_stand_in_it()
    {
        string path = TestData.Find("reference", "torchcodec", "nasa_13013.mp4.stream0.frame000000.pt");
        using ZipArchive archive = ZipFile.OpenRead(path);
        using Stream stored = archive.Entries.Single(e => e.FullName.EndsWith("/data/0")).Open();
        using var bytes = new MemoryStream();
        stored.CopyTo(bytes);

        using TorchCheckpoint checkpoint = TorchCheckpoint.Read(path);

        Tensor frame = checkpoint.Tensors[""];
        Assert.Equal((ScalarType.Byte, bytes.Length), (frame.dtype, frame.numel()));
        Assert.Equal(3, frame.shape.Min());
        Assert.Equal(bytes.ToArray().Order(), frame.bytes.ToArray().Order());
    }

    /// <summary>What a pickle of an attacker looks like: a call of os.system in each of the ways that pickles have for it.</summary>
    [Theory]
    [InlineData("GLOBAL", "os.system")]
    [InlineData("STACK_GLOBAL", "posix.system")]
    [InlineData("NEWOBJ", "subprocess.Popen")]
    [InlineData("nested", "builtins.eval")]
    [InlineData("INST", "0x69")]
    [InlineData("extension", "0x82")]
    [InlineData("argument", "torch.serialization.load")]
    public void A_pickle_that_would_run_code_is_refused_by_the_name_of_what_it_calls(string way, string named)
    {
        string command = $"touch {_folder.Of("ran")}";
        PickleWriter attack = way switch
        {
            "GLOBAL" => new PickleWriter().Name("os", "system").Text(command).Raw(0x85).Op('R'),
            "STACK_GLOBAL" => new PickleWriter().Text("posix").Text("system").Raw(0x93).Text(command).Raw(0x85).Op('R'),
            "NEWOBJ" => new PickleWriter().Name("subprocess", "Popen").Text(command).Raw(0x85).Raw(0x81),
            "nested" => new PickleWriter().StateDict(p => p.Text("a").Name("builtins", "eval").Text("1").Raw(0x85).Op('R')),
            "INST" => new PickleWriter().Op('(').Text(command).Op('i').Raw("os\nsystem\n"u8.ToArray()),
            "extension" => new PickleWriter().Raw(0x82, 1),
            _ => new PickleWriter().Name("torch._utils", "_rebuild_parameter").Name("torch.serialization", "load").Raw(0x85).Op('R'),
        };
        byte[][] files = [attack.ToZip(), attack.ToOldFile()];

        Assert.All(files, file =>
        {
            string path = _folder.Write("evil.pth", file);
            Assert.Contains(named, Assert.Throws<StorageException>(() => TorchCheckpoint.Read(path)).Message);
        });
        Assert.False(File.Exists(_folder.Of("ran")));
    }

    [Theory]
    [InlineData(6, 0, 4, 4, 1, "reaches beyond")]
    [InlineData(6, 5, 2, 1, 1, "reaches beyond")]
    [InlineData(6, 0, 2, 3, int.MaxValue, "reaches beyond")]
    [InlineData(7, 0, 2, 3, 1, "shorter than it is said to be")]
    [InlineData(int.MaxValue, 0, int.MaxValue, 1, 1, "shorter than it is said to be")]
    [InlineData(6, -1, 2, 3, 1, "reaches beyond")]
    [InlineData(6, 0, 100_000, 100_000, 0, "reaches beyond")]
    public void A_tensor_that_lies_about_its_storage_is_refused(int count, int offset, int rows, int columns, int stride, string reason)
    {
        PickleWriter pickle = new PickleWriter().StateDict(p => p.Text("a").Tensor("FloatStorage", "0", count, offset, [rows, columns], [stride, stride]));
        string path = _folder.Write("lie.pth", pickle.ToZip(storages: [("0", new byte[24])]));

        Assert.Contains(reason, Assert.Throws<StorageException>(() => TorchCheckpoint.Read(path)).Message);
    }

    [Fact]
    public void Compressed_foreign_and_empty_files_are_refused()
    {
        PickleWriter one = new PickleWriter().StateDict(p => p.Text("a").Tensor("FloatStorage", "0", 1000, 0, [1000], [1]));

        Refused(one.ToZip(CompressionLevel.SmallestSize, "little", ("0", new byte[4000])), "is compressed");
        Refused(one.ToZip(CompressionLevel.NoCompression, "big", ("0", new byte[4000])), "little-endian");
        Refused(new PickleWriter().Op('N').ToZip(), "holds no dictionary of tensors");
        Refused(new PickleWriter().Op('}').ToZip(), "holds no dictionary of tensors");
        Refused([(byte)'P', (byte)'K', 3, 4, 0, 0], "no sound PyTorch file");

        void Refused(byte[] file, string reason) =>
            Assert.Contains(reason, Assert.Throws<StorageException>(() => TorchCheckpoint.Read(_folder.Write("bad.pth", file))).Message);
    }

    /// <summary>Whatever happens to a file on its way, the answer is values or one clear error.</summary>
    [Fact]
    public void Damage_anywhere_gives_a_storage_exception_or_other_values()
    {
        byte[] whole = new PickleWriter().StateDict(p => p.Text("a").Tensor("FloatStorage", "0", 4, 0, [2, 2], [2, 1])).ToOldFile(("0", 4, new byte[16]));
        string path = _folder.Of("damaged.pth");
        var random = new SampleRandom(1);
        for (int i = 14; i < whole.Length; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= (byte)(1 + random.NextInt(255));
            Try(damaged);
            Try(whole[..i]);
        }

        void Try(byte[] file)
        {
            File.WriteAllBytes(path, file);
            if (Record.Exception(() => TorchCheckpoint.Read(path).Dispose()) is { } error)
            {
                Assert.IsType<StorageException>(error);
            }
        }
    }

    [Theory]
    [InlineData("", false)]                          // torchvision
    [InlineData("module.", false)]                   // data parallelism
    [InlineData("backbone.", false)]                 // solo-learn, MMSelfSup
    [InlineData("backbone.", true)]                  // lightly
    [InlineData("encoder.", true)]                   // PyTorch-BYOL
    [InlineData("online_encoder.net.", false)]       // byol-pytorch
    [InlineData("online_net.0.", false)]             // MMSelfSup inside of training
    [InlineData("module.encoder_q.", false)]         // MoCo
    public void Keys_of_published_checkpoints_are_understood(string prefix, bool isNumbered)
    {
        var options = new BackboneOptions { Name = "resnet18", ImageSize = 32, WidthMultiplier = 0.125 };
        using Backbone source = BackboneFactory.Create(options, seed: 1), target = BackboneFactory.Create(options, seed: 2);
        string? other = prefix.Length == 0 ? null : "target_net.0.conv1.weight";
        string path = _folder.Write("published.pth", Published(source, key => prefix + (isNumbered ? Numbered(key) : key), other));

        EncoderFile.LoadWeights(path, target);

        Assert.All(source.state_dict(), entry => Assert.Equal(Networks.Bits(entry.Value), Networks.Bits(target.state_dict()[entry.Key])));
    }

    [Fact]
    public void What_does_not_fit_is_listed()
    {
        using Backbone source = BackboneFactory.Create(new() { Name = "resnet8" }), target = BackboneFactory.Create(new() { Name = "resnet8", InputChannels = 1 });
        string path = _folder.Write("other.pth", Published(source, key => "backbone." + key.Replace("bn1.bias", "bn1.shift"), "neck.weight"));

        string message = Assert.Throws<StorageException>(() => EncoderFile.LoadWeights(path, target)).Message;

        Assert.Contains("4 missing (bn1.bias, ", message);
        Assert.Contains("4 unexpected (bn1.shift, ", message);
        Assert.Contains("1 of another shape (conv1.weight [16, 3, 3, 3] instead of [16, 1, 3, 3])", message);
        Assert.Contains("--backbone", Assert.Throws<ConfigurationException>(() => EncoderFile.Load(path)).Message);
    }

    /// <summary>A checkpoint in the middle of a training: the state dict is one entry of several, with a head on the encoder and <paramref name="other"/> beside it.</summary>
    private static byte[] Published(Backbone source, Func<string, string> rename, string? other)
    {
        var storages = new List<(string, byte[])>();
        PickleWriter pickle = new PickleWriter().Op('}').Op('(').Text("epoch").Number(3).Text("state_dict").StateDict(p =>
        {
            foreach ((string key, Tensor value) in source.state_dict())
            {
                Add(p, rename(key), value);
            }
            Add(p, rename("fc.weight"), zeros(2));
            if (other is not null)
            {
                Add(p, other, zeros(2));
            }
        }).Op('u');
        return pickle.ToZip(storages: [.. storages]);

        void Add(PickleWriter p, string key, Tensor value)
        {
            int[] shape = [.. value.shape.Select(e => (int)e)], strides = [.. value.contiguous().stride().Select(e => (int)e)];
            p.Text(key).Tensor(value.dtype == ScalarType.Int64 ? "LongStorage" : "FloatStorage", $"{storages.Count}", (int)value.numel(), 0, shape, strides);
            storages.Add(($"{storages.Count}", Networks.Bits(value)));
        }
    }

    private static string Numbered(string key) =>
        key.Replace("layer1", "4").Replace("layer2", "5").Replace("layer3", "6").Replace("layer4", "7") is var layers && char.IsAsciiDigit(layers[0])
            ? layers
            : key.Replace("conv1.", "0.").Replace("bn1.", "1.");
}
