using static TorchSharp.torch;

namespace ByolSharp.Tests.Training;

/// <summary>Matrices of standard normal numbers.</summary>
internal static class RandomRows
{
    public static Tensor Normal(int rows, int columns, long seed)
    {
        var random = new SampleRandom(seed);
        double[] values = [.. Enumerable.Range(0, rows * columns).Select(_ => random.NextNormal())];
        return tensor(values).view(rows, columns);
    }

    /// <summary>A rotation of a space.</summary>
    public static Tensor Rotation(int size, long seed) => linalg.qr(Normal(size, size, seed)).Q;
}
