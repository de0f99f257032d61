using static TorchSharp.torch;

namespace ByolSharp.Evaluation;

/// <summary>An interval that holds the true value with the stated confidence.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
/// <param name="Confidence">Probability, for example 0.95.</param>
public sealed record ConfidenceInterval(double Low, double High, double Confidence);

/// <summary>Accuracies. A "rank" is the place of the true class among a sample's class scores, 0 for the best.</summary>
public static class Metrics
{
    /// <summary>Place of a class among scores, from 0; of equal scores the class with the lower number comes first.</summary>
    public static int RankOf(int label, ReadOnlySpan<double> scores)
    {
        int rank = 0;
        for (int c = 0; c < scores.Length; c++)
        {
            if (scores[c] > scores[label] || (scores[c] == scores[label] && c < label))
            {
                rank++;
            }
        }
        return rank;
    }

    /// <summary>Ranks of many samples at once; see <see cref="RankOf"/>. Scores that are no numbers rank the true class last.</summary>
    /// <param name="scores">[samples, classes].</param>
    /// <param name="labels">One true class a sample.</param>
    public static int[] RanksOf(Tensor scores, IReadOnlyList<int> labels)
    {
        using var scope = NewDisposeScope();
        var truth = tensor(labels.Select(label => (long)label).ToArray(), device: scores.device).unsqueeze(1);
        var own = scores.gather(1, truth);
        var numbers = tensor(Enumerable.Range(0, (int)scores.shape[1]).Select(i => (long)i).ToArray(), device: scores.device);
        var behind = scores.lt(own).logical_or(scores.eq(own).logical_and(numbers.gt(truth))).sum(1);
        int last = (int)scores.shape[1] - 1;
        return [.. behind.to(CPU).data<long>().ToArray().Select(count => last - (int)count)];
    }

    /// <summary>Share of the samples whose true class is among the k best, in [0, 1].</summary>
    public static double TopK(IReadOnlyList<int> ranks, int k)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ranks.Count, nameof(ranks));
        return ranks.Count(r => r < k) / (double)ranks.Count;
    }

    /// <summary>
    /// Top-1 accuracy of each class, averaged over the classes that occur: the measure of the paper's transfer tasks with unequal classes
    /// (Aircraft, Pets, Caltech, Flowers).
    /// </summary>
    public static double MeanPerClass(IReadOnlyList<int> ranks, IReadOnlyList<int> labels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ranks.Count, nameof(ranks));
        ArgumentOutOfRangeException.ThrowIfNotEqual(ranks.Count, labels.Count);
        return Enumerable.Range(0, labels.Count).GroupBy(i => labels[i]).Average(c => c.Average(i => ranks[i] == 0 ? 1.0 : 0.0));
    }

    /// <summary>Percentile bootstrap of the top-1 accuracy: how far chance in the choice of test samples may have moved it.</summary>
    /// <param name="ranks">One rank a test sample.</param>
    /// <param name="confidence">Between 0 and 1; default 0.95.</param>
    /// <param name="resamples">Number of resampled test sets; default 2000.</param>
    /// <param name="seed">Seed of the resampling.</param>
    public static ConfidenceInterval BootstrapTop1(
        IReadOnlyList<int> ranks, double confidence = 0.95, int resamples = 2000, long seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ranks.Count, nameof(ranks));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(confidence);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(confidence, 1);
        int right = ranks.Count(r => r == 0);
        var accuracies = new double[resamples];
        for (int resample = 0; resample < resamples; resample++)
        {
            var random = new SampleRandom(seed, index: resample);
            int hits = 0;
            for (int i = 0; i < ranks.Count; i++)
            {
                hits += random.NextInt(ranks.Count) < right ? 1 : 0; // only the number of right ones matters, not which they are
            }
            accuracies[resample] = hits / (double)ranks.Count;
        }
        return PercentileInterval(accuracies, confidence);
    }

    /// <summary>The middle part of resampled values.</summary>
    /// <param name="resampled">One value a resample; sorted in place.</param>
    /// <param name="confidence">Between 0 and 1.</param>
    internal static ConfidenceInterval PercentileInterval(double[] resampled, double confidence)
    {
        Array.Sort(resampled);
        double tail = (1 - confidence) / 2;
        return new(Quantile(resampled, tail), Quantile(resampled, 1 - tail), confidence);
    }

    /// <summary>How often each of some things is drawn when as many are drawn with replacement.</summary>
    internal static int[] DrawTimes(int count, ref SampleRandom random)
    {
        var times = new int[count];
        for (int i = 0; i < count; i++)
        {
            times[random.NextInt(count)]++;
        }
        return times;
    }

    private static double Quantile(double[] sorted, double q) => sorted[(int)Math.Round(q * (sorted.Length - 1))];
}
