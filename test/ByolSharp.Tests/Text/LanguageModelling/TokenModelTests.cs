using ByolSharp.Text.LanguageModelling;

namespace ByolSharp.Tests.Text.LanguageModelling;

public sealed class TokenModelTests
{
    private const int Class = 0, Separator = 1, Vocabulary = 6;

    [Fact]
    public void Unigrams_are_counts_and_one()
    {
        var model = new UnigramModel([Passage(3, 3, 4)], Vocabulary);

        Assert.Equal(3 / 9.0, model.Probability([], 3));
        Assert.Equal(2 / 9.0, model.Probability([], 4));
        Assert.Equal(1 / 9.0, model.Probability([], 5));
        Assert.Equal(3, model.Best([]));
    }

    [Fact]
    public void Unigrams_score_texts_as_by_hand()
    {
        var model = new UnigramModel([Passage(3, 3, 4)], Vocabulary);

        var score = new LanguageModelScore("unigram", "unigrams", model.Score([TokenTask.Next(Passage(3, 4))], 1));

        Assert.Equal((2, 0.5), (score.Tokens, score.Accuracy));
        Assert.Equal(Math.Sqrt(9 / 3.0 * (9 / 2.0)), score.Perplexity, 1e-12);
    }

    [Fact]
    public void Trigrams_are_those_of_the_formulas_by_hand()
    {
        // Runs, each once: ^^3 ^34 343 435. Behind them: 3 follows {^, 4}, 4 follows {3}, 5 follows {3}. Discounts: 0.75, 0.75, 2 / (2 + 2) = 0.5.
        var model = new NGramModel([Passage(3, 4, 3, 5)], Vocabulary);
        double one3 = (2 - 0.5) / 4 + 0.5 * 3 / 4 / 6, one4 = (1 - 0.5) / 4 + 0.5 * 3 / 4 / 6, two4 = 0.25 / 2 + 0.75 * one4;

        Assert.Equal(0.25 + 0.75 * two4, model.Probability([Class, 3], 4), 1e-12);
        Assert.Equal(0.75 * (0.75 * one3), model.Probability([Class, 3], 3), 1e-12);
        Assert.Equal(two4, model.Probability([3, 3], 4), 1e-12); // 33 was never seen
        Assert.Equal(one3, model.Probability([5, 5], 3), 1e-12); // nor anything behind 5
        Assert.Equal(0.5 * 3 / 4 / 6, model.Probability([5, 5], 2), 1e-12);
    }

    [Fact]
    public void Probabilities_sum_to_one_and_the_best_is_the_most_probable()
    {
        var random = new SampleRandom(8);
        var passages = new List<Passage>();
        for (int i = 0; i < 60; i++)
        {
            int[] tokens = new int[3 + random.NextInt(8)];
            for (int t = 0; t < tokens.Length; t++)
            {
                tokens[t] = 2 + Math.Min(random.NextInt(20), random.NextInt(20));
            }
            passages.Add(Passage(tokens));
        }
        foreach (TokenModel model in (TokenModel[])[new NGramModel(passages, 30), new UnigramModel(passages, 30)])
        {
            for (int first = 0; first < 25; first++)
            {
                for (int second = 0; second < 25; second++)
                {
                    int[] context = model.ContextLength == 0 ? [] : [first, second];
                    double[] p = [.. Enumerable.Range(0, 30).Select(token => model.Probability(context, token))];

                    Assert.Equal(1, p.Sum(), 1e-9);
                    Assert.True(p.Min() > 0);
                    Assert.Equal(p.Max(), p[model.Best(context)]);
                }
            }
        }
    }

    [Fact]
    public void Trigrams_know_what_unigrams_cannot()
    {
        Passage[] train = [.. Enumerable.Range(0, 50).Select(i => i % 2 == 0 ? Passage(2, 3, 4, 5, 2, 3, 4, 5) : Passage(4, 5, 2, 3, 4, 5))];
        TokenTask[] tasks = [TokenTask.Next(Passage(4, 5, 2, 3, 4, 5, 2, 3))];

        var counted = new LanguageModelScore("", "", new NGramModel(train, Vocabulary).Score(tasks, 1));
        var single = new LanguageModelScore("", "", new UnigramModel(train, Vocabulary).Score(tasks, 1));

        Assert.True(counted.Accuracy > 0.8, $"{counted.Accuracy}");
        Assert.True(counted.Perplexity < 1.5 && single.Perplexity > 3.5, $"{counted.Perplexity} {single.Perplexity}");
    }

    [Fact]
    public void Bits_a_character_and_perplexity_a_word_are_conversions()
    {
        TextScore[] scores = [new(2, 1, Math.Log(8)), new(1, 0, Math.Log(2)), new(0, 0, 0)];
        TextLength[] texts = [new(Characters: 5, Words: 1), new(3, 1), new(8, 7)];

        Assert.Equal(4.0 / 16, LanguageModelScore.BitsOf(scores, texts), 1e-12);
        Assert.Equal(4, LanguageModelScore.PerWord(scores, texts), 1e-12); // 16 over the two words of the texts that were scored
        Assert.Equal(Math.Pow(2, 4 / 3.0), new LanguageModelScore("", "", scores).Perplexity, 1e-12);
    }

    [Fact]
    public void A_gain_is_the_difference_of_cross_entropies_with_an_interval_over_texts()
    {
        TextScore[] better = [.. Enumerable.Range(0, 40).Select(i => new TextScore(2, 1, 2 + 0.1 * (i % 3)))];
        TextScore[] worse = [.. better.Select((score, i) => score with { Nats = score.Nats + 1 + 0.2 * (i % 2) })];

        var gain = LanguageModelGain.Of(new("a", "", better), new("b", "", worse));

        Assert.Equal(0.55, gain.Nats, 1e-12);
        Assert.InRange(gain.Interval.Low, 0.5, 0.55);
        Assert.InRange(gain.Interval.High, 0.55, 0.6);
    }

    private static Passage Passage(params int[] tokens) => new(0, [Class, .. tokens, Separator]);
}
