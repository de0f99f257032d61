using ByolSharp.Evaluation;

namespace ByolSharp.Tests.Evaluation;

/// <summary>Feature sets with known structure.</summary>
internal static class Blobs
{
    /// <summary>Gaussian clouds around random centres, one a class; the same centres for every seed.</summary>
    public static FeatureSet Draw(int count, int size, int classes, double spread, long seed)
    {
        var random = new SampleRandom(seed);
        int[] labels = [.. Enumerable.Range(0, count).Select(i => i % classes)];
        var values = new float[count * size];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(Centre(labels[i / size], i % size) + spread * random.NextNormal());
        }
        return new(values, size, labels);
    }

    /// <summary>The same representations with labels in random order.</summary>
    public static FeatureSet WithShuffledLabels(FeatureSet set, long seed)
    {
        int[] labels = [.. set.Labels];
        var random = new SampleRandom(seed);
        random.Shuffle(labels.AsSpan());
        return new(set.Values.ToArray(), set.Size, labels, set.Names, set.ClassNames);
    }

    private static double Centre(int label, int dimension) => new SampleRandom(99, label, dimension).NextNormal();
}
