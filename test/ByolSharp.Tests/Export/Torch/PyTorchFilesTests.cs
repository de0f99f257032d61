using System.Text.Json;
using ByolSharp.Export.Torch;
using ByolSharp.Tests.Reference;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Export.Torch;

/// <summary>Files that PyTorch itself saved, with the values that it saved; <c>Reference/pytorch-checkpoints.py</c> makes them.</summary>
public sealed class PyTorchFilesTests : IDisposable
{
    private static readonly Dictionary<string, SavedFile> Files =
        JsonSerializer.Deserialize<Dictionary<string, SavedFile>>(ReferenceFile.Text("pytorch-checkpoints.json"), JsonSerializerOptions.Web)!;

    private readonly TempFolder _folder = new();

    public static TheoryData<string> Sound => [.. Files.Where(f => f.Value.Tensors is not null).Select(f => f.Key)];

    public static TheoryData<string> Refused => [.. Files.Where(f => f.Value.Refused is not null).Select(f => f.Key)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Sound))]
    public void Every_type_and_layout_is_read_as_it_was_saved(string name)
    {
        using TorchCheckpoint checkpoint = TorchCheckpoint.Read(_folder.Write("saved.pth", Files[name].Bytes));

        Assert.Equal(Files[name].Tensors!.Keys, checkpoint.Tensors.Keys);
        Assert.All(Files[name].Tensors!, saved =>
        {
            Tensor tensor = checkpoint.Tensors[saved.Key];
            using Tensor values = tensor.to_type(ScalarType.Float64).contiguous();
            Assert.Equal(saved.Value.Dtype, NameOf(tensor.dtype));
            Assert.Equal(saved.Value.Shape, tensor.shape);
            Assert.Equal(saved.Value.Values, values.numel() == 0 ? [] : values.data<double>().ToArray());
        });
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_would_run_code_is_refused_by_its_name(string name)
    {
        string path = _folder.Write("saved.pth", Files[name].Bytes);

        Assert.Contains(Files[name].Refused!, Assert.Throws<StorageException>(() => TorchCheckpoint.Read(path)).Message);
    }

    private static string NameOf(ScalarType type) => type == ScalarType.Byte ? "uint8" : type.ToString().ToLowerInvariant();

    private sealed record SavedFile(string File, Dictionary<string, SavedTensor>? Tensors, string? Refused)
    {
        public byte[] Bytes => Convert.FromBase64String(File);
    }

    private sealed record SavedTensor(string Dtype, long[] Shape, double[] Values);
}
