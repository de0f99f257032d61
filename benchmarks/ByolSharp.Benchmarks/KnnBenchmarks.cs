using BenchmarkDotNet.Attributes;
using ByolSharp.Evaluation;
using TorchSharp;

namespace ByolSharp.Benchmarks;

/// <summary>kNN evaluation of CIFAR-10's size, 50,000 training and 1,000 test samples of length 64, beside its bare matrix product; one thread.</summary>
public class KnnBenchmarks
{
    private const int TrainCount = 50_000, TestCount = 1_000, Length = 64, Classes = 10;
    private FeatureSet _test = null!;
    private KnnClassifier _classifier = null!;
    private torch.Tensor _trainRows = null!, _testRows = null!;

    [GlobalSetup]
    public void Setup()
    {
        _classifier = new(Draw(TrainCount, 1));
        _test = Draw(TestCount, 2);
        (_trainRows, _testRows) = (torch.randn(TrainCount, Length), torch.randn(TestCount, Length));
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _trainRows.Dispose();
        _testRows.Dispose();
    }

    [Benchmark]
    public double Classify() => _classifier.Evaluate(_test).Top1;

    [Benchmark]
    public void MatrixProduct()
    {
        using var transposed = _trainRows.t();
        _testRows.mm(transposed).Dispose();
    }

    // Classes that overlap, so that neighbours differ as those of real representations do.
    private static FeatureSet Draw(int count, long seed)
    {
        var random = new SampleRandom(seed);
        int[] labels = [.. Enumerable.Range(0, count).Select(_ => random.NextInt(Classes))];
        var values = new float[count * Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)random.NextNormal() + (i % Classes == labels[i / Length] ? 1 : 0);
        }

        return new FeatureSet(values, Length, labels);
    }
}
