using ByolSharp.Evaluation;

namespace ByolSharp.Text.LanguageModelling;

/// <summary>What a model made of the tokens of a text.</summary>
/// <param name="Tokens">Tokens asked for.</param>
/// <param name="Right">Those that the model held for the most probable.</param>
/// <param name="Nats">Sum of -ln of the probabilities that it gave them.</param>
internal readonly record struct TextScore(int Tokens, int Right, double Nats)
{
    public static TextScore operator +(TextScore a, TextScore b) => new(a.Tokens + b.Tokens, a.Right + b.Right, a.Nats + b.Nats);
}

/// <summary>Percentile bootstrap over texts, since the tokens of one text are no independent samples.</summary>
internal static class TextResampling
{
    private const int Resamples = 1000;
    private const double Confidence = 0.95;

    /// <summary>Interval of a sum over texts divided by another.</summary>
    /// <param name="parts">Both of each text.</param>
    internal static ConfidenceInterval IntervalOf(IReadOnlyList<(double Above, double Below)> parts)
    {
        var ratios = new double[Resamples];
        Parallel.For(0, Resamples, i =>
        {
            var random = new SampleRandom(0, index: i);
            int[] times = Metrics.DrawTimes(parts.Count, ref random);
            double above = 0, below = 0;
            for (int text = 0; text < times.Length; text++)
            {
                above += times[text] * parts[text].Above;
                below += times[text] * parts[text].Below;
            }
            ratios[i] = below == 0 ? 0 : above / below; // no text of these has a token that was asked for
        });
        return Metrics.PercentileInterval(ratios, Confidence);
    }
}
