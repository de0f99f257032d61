using ByolSharp.Evaluation;

namespace ByolSharp.Text.LanguageModelling;

/// <summary>What a model made of the test texts.</summary>
public sealed record LanguageModelScore
{
    internal LanguageModelScore(string key, string name, IReadOnlyList<TextScore> texts)
    {
        (Key, Name, Texts) = (key, name, texts);
        var sum = texts.Aggregate((a, b) => a + b);
        (Tokens, Accuracy, CrossEntropy) = (sum.Tokens, (double)sum.Right / sum.Tokens, sum.Nats / sum.Tokens);
        Interval = TextResampling.IntervalOf([.. texts.Select(text => ((double)text.Right, (double)text.Tokens))]);
    }

    /// <summary>unigram, trigram, random, frozen, scratch or finetuned.</summary>
    public string Key { get; }

    /// <summary>For people.</summary>
    public string Name { get; }

    /// <summary>Tokens that were asked for.</summary>
    public int Tokens { get; }

    /// <summary>Share of them that the model held for the most probable.</summary>
    public double Accuracy { get; }

    /// <summary>95% of <see cref="Accuracy"/>: chance in the choice of test texts.</summary>
    public ConfidenceInterval Interval { get; }

    /// <summary>Mean of -ln of the probabilities given to them, in nats.</summary>
    public double CrossEntropy { get; }

    /// <summary>e to the cross entropy: among how many tokens the model wavers.</summary>
    public double Perplexity => Math.Exp(CrossEntropy);

    /// <summary>Bits a character of the test texts, where every token is told from those before it; else null.</summary>
    public double? BitsPerCharacter { get; init; }

    /// <summary>
    /// e to the mean of -ln p a word, each token told from all others of its passage (Salazar et al. 2020; the trigrams from the two before it); null where that was
    /// not asked for.
    /// </summary>
    public double? PseudoPerplexity { get; init; }

    /// <summary>What it is made of.</summary>
    internal IReadOnlyList<TextScore> Texts { get; }

    /// <summary>Bits of all tokens over characters of all texts.</summary>
    internal static double BitsOf(IReadOnlyList<TextScore> scores, IReadOnlyList<TextLength> texts) =>
        scores.Sum(score => score.Nats) / Math.Log(2) / texts.Sum(text => (long)text.Characters);

    /// <summary>Perplexity a word of the texts that were scored.</summary>
    internal static double PerWord(IReadOnlyList<TextScore> scores, IReadOnlyList<TextLength> texts) =>
        Math.Exp(scores.Sum(score => score.Nats) / scores.Zip(texts).Where(pair => pair.First.Tokens > 0).Sum(pair => (long)pair.Second.Words));
}

/// <summary>By how much pre-training helps at equal budgets.</summary>
/// <param name="Model">Key of the pre-trained model.</param>
/// <param name="Over">Key of the one that started from random weights.</param>
/// <param name="Nats">By how much its cross entropy is lower; below 0 where it is worse.</param>
/// <param name="Interval">95%: chance in the choice of test texts.</param>
public sealed record LanguageModelGain(string Model, string Over, double Nats, ConfidenceInterval Interval)
{
    /// <summary>Compares two models text by text.</summary>
    internal static LanguageModelGain Of(LanguageModelScore model, LanguageModelScore over) => new(
        model.Key, over.Key, over.CrossEntropy - model.CrossEntropy,
        TextResampling.IntervalOf([.. model.Texts.Zip(over.Texts, (ours, theirs) => (theirs.Nats - ours.Nats, (double)ours.Tokens))]));
}

/// <summary>A finished evaluation.</summary>
public sealed record LanguageModelReport
{
    /// <summary>All models, the counted ones first.</summary>
    public required IReadOnlyList<LanguageModelScore> Scores { get; init; }

    /// <summary>What pre-training brought; empty where the encoder was never trained.</summary>
    public required IReadOnlyList<LanguageModelGain> Gains { get; init; }

    /// <summary>Steps of each training.</summary>
    public required long Steps { get; init; }

    /// <summary>Training texts read, without those that could not be.</summary>
    public required int TrainTexts { get; init; }

    /// <summary>Their tokens.</summary>
    public required long TrainTokens { get; init; }

    /// <summary>Test texts read.</summary>
    public required int TestTexts { get; init; }

    /// <summary>Name and reason of the texts that could not be read.</summary>
    public required IReadOnlyList<(string Name, string Reason)> Skipped { get; init; }
}
