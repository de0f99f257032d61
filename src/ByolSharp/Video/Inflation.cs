using System.Text.RegularExpressions;
using ByolSharp.Export;
using ByolSharp.Video.Backbones;
using static TorchSharp.torch;

namespace ByolSharp.Video;

/// <summary>
/// Starts a video network from an encoder of images: each filter over space becomes the middle one in time of a filter over both, the others are 0
/// (central frame initialisation, Arnab et al. 2021, arXiv 2103.15691, section 3.4), so that at first a clip is to the network what its frames are
/// to the image encoder. ResNet-18 becomes r3d_18 or mc3_18, ResNet-50 slow_r50.
/// </summary>
internal static partial class Inflation
{
    private const int FilterDimensions = 4;

    /// <summary>Copies the weights of a safetensors file into a video network, inflated where they are those of images.</summary>
    /// <exception cref="StorageException">The file is unreadable or its tensors do not fit; the message lists them.</exception>
    internal static void LoadWeights(string path, Backbone backbone)
    {
        using SafeTensorsFile file = SafeTensors.Read(path);
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        bool areImages = file.Tensors.Values.Any(tensor => tensor.dim() == FilterDimensions);
        Dictionary<string, Tensor> own = backbone.state_dict();
        EncoderFile.Fill(backbone, path, areImages ? Inflated(file.Tensors, backbone is SlowResNet, own) : file.Tensors, allowUnexpected: areImages);
    }

    private static Dictionary<string, Tensor> Inflated(IReadOnlyDictionary<string, Tensor> images, bool isSlow, Dictionary<string, Tensor> own)
    {
        var inflated = new Dictionary<string, Tensor>();
        foreach (var (key, tensor) in images)
        {
            string name = isSlow ? SlowName(key) : TorchvisionName(key);
            inflated[name] = tensor.dim() == FilterDimensions && own.TryGetValue(name, out var target) && target.dim() > FilterDimensions
                ? InMiddle(tensor, target.shape[2])
                : tensor;
        }
        return inflated;
    }

    private static Tensor InMiddle(Tensor filter, long time)
    {
        long[] s = filter.shape;
        var filters = zeros([s[0], s[1], time, s[2], s[3]]);
        filters.select(2, time / 2).copy_(filter);
        return filters;
    }

    /// <summary>conv1 to stem.0, layer2.0.conv1 to layer2.0.conv1.0, layer2.0.bn1 to layer2.0.conv1.1.</summary>
    private static string TorchvisionName(string key)
    {
        key = StemConvolution().Replace(key, "stem.0.");
        key = StemNorm().Replace(key, "stem.1.");
        return BlockNorm().Replace(BlockConvolution().Replace(key, "$1.conv$2.0."), "$1.conv$2.1.");
    }

    /// <summary>conv1 to s1.pathway0_stem.conv, layer2.0.conv1 to s3.pathway0_res0.branch2.a, layer2.0.downsample.1 to s3.pathway0_res0.branch1_bn.</summary>
    private static string SlowName(string key)
    {
        key = StemConvolution().Replace(key, "s1.pathway0_stem.conv.");
        key = StemNorm().Replace(key, "s1.pathway0_stem.bn.");
        return AnyBlock().Replace(key, match =>
        {
            int stage = match.Groups[1].Value[0] - '0' + 1;
            string part = match.Groups[3].Value switch
            {
                "downsample.0" => "branch1",
                "downsample.1" => "branch1_bn",
                ['c', .., var number] => $"branch2.{(char)('a' + (number - '1'))}",
                [.., var number] => $"branch2.{(char)('a' + (number - '1'))}_bn",
                _ => match.Groups[3].Value,
            };
            return $"s{stage}.pathway0_res{match.Groups[2].Value}.{part}.";
        });
    }

    [GeneratedRegex(@"^conv1\.")]
    private static partial Regex StemConvolution();

    [GeneratedRegex(@"^bn1\.")]
    private static partial Regex StemNorm();

    [GeneratedRegex(@"^(layer\d\.\d+)\.conv(\d)\.(?=\D)")]
    private static partial Regex BlockConvolution();

    [GeneratedRegex(@"^(layer\d\.\d+)\.bn(\d)\.")]
    private static partial Regex BlockNorm();

    [GeneratedRegex(@"^layer(\d)\.(\d+)\.(conv\d|bn\d|downsample\.\d)\.")]
    private static partial Regex AnyBlock();
}
