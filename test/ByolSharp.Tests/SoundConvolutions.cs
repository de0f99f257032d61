using static TorchSharp.torch;

namespace ByolSharp.Tests;

/// <summary>
/// On some virtual machines, which hide the sizes of their processor's caches, the 1x1 convolutions of libtorch 2.10 give wrong values for channels-last maps of
/// 256 channels; no test of ours can mend that.
/// </summary>
internal static class SoundConvolutions
{
    private static readonly Lazy<bool> AreSound = new(() =>
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        Tensor maps = ChannelsLast.Convert(randn([7, 256, 8, 8])), filters = randn([512, 256, 1, 1]);
        Tensor single = nn.functional.conv2d(maps, filters, strides: [2, 2]);
        Tensor twice = nn.functional.conv2d(maps.to_type(ScalarType.Float64), filters.to_type(ScalarType.Float64), strides: [2, 2]);
        return (single - twice).abs().max().to_type(ScalarType.Float32).item<float>() < 1e-2f;
    });

    /// <summary>Skips the running test where they are not.</summary>
    public static void Require() => Assert.SkipUnless(AreSound.Value, "libtorch's 1x1 convolutions give wrong values on this processor");
}
