using ByolSharp.Text.Backbones;
using ByolSharp.Text.Tokenizers;

namespace ByolSharp.Text.LanguageModelling;

/// <summary>How far an evaluation is.</summary>
/// <param name="Stage">What it does.</param>
/// <param name="Done">Texts, steps or passages done of it.</param>
/// <param name="Total">All of them.</param>
public readonly record struct LanguageModelProgress(string Stage, long Done, long Total)
{
    /// <summary>What a model reached, at its end.</summary>
    public LanguageModelScore? Finished { get; init; }
}

/// <summary>
/// Language modelling as an evaluation of an encoder: what a head learns from it in a fixed number of steps, beside the same from an encoder that was never
/// trained, and beside models that only count the training tokens.
/// </summary>
public static class LanguageModelEval
{
    /// <summary>Trains and compares.</summary>
    /// <param name="encoder">A trained encoder, or null for what is known without one. Stays as it is with a frozen head, else is trained in place.</param>
    /// <param name="random">The same network with random weights; as <paramref name="encoder"/>.</param>
    /// <param name="text">Tokenizer and passage length of both.</param>
    /// <param name="train">Texts to learn from.</param>
    /// <param name="test">Texts to be scored on.</param>
    /// <param name="options">Absent: the defaults.</param>
    /// <param name="progress">Told about each text, step and batch.</param>
    /// <param name="cancellation">Stops between them.</param>
    /// <returns>Equal inputs give equal bits on the same machine with the same number of threads.</returns>
    /// <exception cref="ConfigurationException">An option is out of range.</exception>
    /// <exception cref="UnusableDataException">No text of a set has a token.</exception>
    /// <exception cref="TrainingStoppedException">A loss is no number.</exception>
    public static LanguageModelReport Evaluate(
        BertEncoder? encoder, BertEncoder random, TextMetadata text, TextDataset train, TextDataset test, LanguageModelOptions? options = null,
        IProgress<LanguageModelProgress>? progress = null, CancellationToken cancellation = default)
    {
        options ??= new();
        options.Validate();
        var tokenizer = TextTokenizer.Open(text.Tokenizer);
        var known = Read(train, options.MostTrainTexts, "training");
        var asked = Read(test, options.MostTestTexts, "test");
        var comparison = new LanguageModelComparison(known, asked, tokenizer, options, progress, cancellation);
        long steps = comparison.StepsFor(random);
        var scores = new List<LanguageModelScore> { comparison.Unigrams(), comparison.Trigrams() };
        var gains = new List<LanguageModelGain>();
        if (options.Head != LanguageHead.Causal)
        {
            var frozen = options with { Head = LanguageHead.Frozen };
            Compare(("random", "random encoder, frozen"), ("frozen", "this encoder, frozen"), frozen);
        }
        if (options.Head != LanguageHead.Frozen)
        {
            Compare(("scratch", "from scratch"), ("finetuned", "this encoder, fine-tuned"), options);
        }
        return new()
        {
            Scores = scores,
            Gains = gains,
            Steps = steps,
            TrainTexts = known.Texts.Count,
            TrainTokens = known.TokenCount,
            TestTexts = asked.Texts.Count,
            Skipped = [.. known.Skipped, .. asked.Skipped],
        };

        PassageSet Read(TextDataset data, int most, string what) => PassageSet.Read(
            data, tokenizer, text.Options.MaxTokens, most, what, (done, total) => progress?.Report(new($"{what} texts", done, total)), cancellation);

        void Compare((string Key, string Name) baseline, (string Key, string Name) ours, LanguageModelOptions how)
        {
            scores.Add(comparison.Network(random, baseline, how, steps));
            if (encoder is not null)
            {
                scores.Add(comparison.Network(encoder, ours, how, steps));
                gains.Add(LanguageModelGain.Of(scores[^1], scores[^2]));
            }
        }
    }
}
