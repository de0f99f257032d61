using ByolSharp.Text;
using ByolSharp.Text.Backbones;
using ByolSharp.Text.LanguageModelling;
using ByolSharp.Text.Tokenizers;

namespace ByolSharp.Tests.Text.LanguageModelling;

public sealed class LanguageModelEvalTests : IDisposable
{
    private static readonly string[] Cycle = ["red", "green", "blue", "white", "black", "brown"];
    private readonly TempFolder _folder = new();
    private readonly TextDataset _train, _test;
    private readonly TextMetadata _text;

    public LanguageModelEvalTests()
    {
        _train = TextSources.Open(_folder.Write("train.txt", Lines(0, 120)));
        _test = TextSources.Open(_folder.Write("test.txt", Lines(1, 40)));
        var tokenizer = TextTokenizer.Train(TokenizerTexts.Of(_train), 300);
        _text = TextMetadata.Of(new TextOptions { MaxTokens = 14, Dropout = 0 }, tokenizer);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _train.Dispose();
        _test.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Fine_tuned_on_a_cycle_of_words_it_knows_the_hidden_one_which_counts_of_tokens_do_not()
    {
        var report = Evaluate(LanguageHead.Finetune, Duration.OfSteps(150));

        Assert.Equal(["unigram", "trigram", "random", "frozen", "scratch", "finetuned"], report.Scores.Select(score => score.Key));
        Assert.All(report.Scores.Skip(4), score => Assert.True(score.Accuracy > 0.9, $"{score.Key} {score.Accuracy}"));
        Assert.True(report.Scores[0].Accuracy < 0.5, $"{report.Scores[0].Accuracy}");
        Assert.True(report.Scores[0].Perplexity > 2 * report.Scores[5].Perplexity);
        Assert.Equal([("frozen", "random"), ("finetuned", "scratch")], report.Gains.Select(gain => (gain.Model, gain.Over)));
        Assert.All(report.Scores, score => Assert.Equal(report.Scores[0].Tokens, score.Tokens));
        Assert.All(report.Scores, score => Assert.InRange(score.Accuracy, score.Interval.Low, score.Interval.High));
    }

    [Fact]
    public void Frozen_the_encoder_stays_and_equal_seeds_give_equal_bits()
    {
        using var encoder = Encoder(seed: 5);
        float[] before = Values(encoder);

        var report = Evaluate(LanguageHead.Frozen, Duration.OfSteps(10), encoder);
        var again = Evaluate(LanguageHead.Frozen, Duration.OfSteps(10), encoder);
        var other = Evaluate(LanguageHead.Frozen, Duration.OfSteps(10), encoder, seed: 1);

        Assert.Equal(["unigram", "trigram", "random", "frozen"], report.Scores.Select(score => score.Key));
        Assert.Equal(before, Values(encoder));
        Assert.Equal(Numbers(report), Numbers(again));
        Assert.NotEqual(Numbers(report), Numbers(other));
        Assert.All(report.Scores, score => Assert.True(score.PseudoPerplexity > 1));
    }

    [Fact]
    public void Causal_bits_a_character_are_those_of_the_tokens()
    {
        var report = Evaluate(LanguageHead.Causal, Duration.OfSteps(60));

        Assert.Equal(["unigram", "trigram", "scratch", "finetuned"], report.Scores.Select(score => score.Key));
        int characters = Enumerable.Range(0, _test.Count).Sum(i => _test.Read(i).Text.Length);
        Assert.All(report.Scores, score => Assert.Equal(score.CrossEntropy * score.Tokens / Math.Log(2) / characters, score.BitsPerCharacter!.Value, 1e-9));
        Assert.All(report.Scores, score => Assert.Null(score.PseudoPerplexity));
        Assert.True(report.Scores[3].BitsPerCharacter < 0.6 * report.Scores[0].BitsPerCharacter, $"{report.Scores[3].BitsPerCharacter} {report.Scores[0].BitsPerCharacter}");
    }

    [Fact]
    public void A_time_becomes_steps_and_measuring_it_changes_nothing()
    {
        var timed = Evaluate(LanguageHead.Causal, new Duration(1, DurationUnit.Seconds));

        Assert.InRange(timed.Steps, 1, 1000);
        Assert.Equal(Numbers(timed), Numbers(Evaluate(LanguageHead.Causal, Duration.OfSteps(timed.Steps))));
    }

    [Fact]
    public void A_long_text_becomes_passages_and_all_of_it_counts()
    {
        var tokenizer = TextTokenizer.Open(_text.Tokenizer);
        using var data = TextSources.Open(_folder.Write("long.txt", $"{string.Join(' ', Enumerable.Repeat("red green blue", 20))}\nöl 😀 x\n"));

        var set = PassageSet.Read(data, tokenizer, maxTokens: 14, most: 10, "test", (_, _) => { }, Stop);

        Assert.All(set.Passages, passage => Assert.InRange(passage.Tokens.Length, 3, 14));
        int[] joined = [.. set.Passages.Where(passage => passage.Text == 0).SelectMany(passage => passage.Tokens[1..^1])];
        Assert.Equal(data.Read(0).Text, tokenizer.Decode(joined));
        Assert.Equal([new(20 * 14 + 19, 60), new TextLength(6, 3)], set.Texts);
    }

    [Fact]
    public void Texts_are_taken_at_equal_distances_and_unreadable_ones_left_out()
    {
        string file = _folder.Of("mixed.csv");
        File.WriteAllBytes(file, [.. "text\n"u8, .. "red green\n"u8, 0xFF, 0xFE, .. "\n"u8, .. "blue white\n"u8, .. "black\n"u8]);
        using var data = TextSources.Open(file);
        var tokenizer = TextTokenizer.Open(_text.Tokenizer);

        var all = PassageSet.Read(data, tokenizer, 14, most: 10, "test", (_, _) => { }, Stop);
        var two = PassageSet.Read(data, tokenizer, 14, most: 2, "test", (_, _) => { }, Stop);

        Assert.Equal((3, 1), (all.Texts.Count, all.Skipped.Count));
        Assert.Equal(["red green", "blue white"], two.Passages.Select(passage => tokenizer.Decode(passage.Tokens[1..^1])));
    }

    [Theory]
    [InlineData(0, 32, 0.1, "no length")]
    [InlineData(5, 0, 0.1, "batch size")]
    [InlineData(5, 32, 0.0, "learning rate")]
    public void Options_out_of_range_are_named(int steps, int batch, double rate, string part)
    {
        var options = new LanguageModelOptions { Length = Duration.OfSteps(steps), BatchSize = batch, LearningRate = rate };

        Assert.Contains(part, Assert.Throws<ConfigurationException>(options.Validate).Message, StringComparison.Ordinal);
    }

    private LanguageModelReport Evaluate(LanguageHead head, Duration length, BertEncoder? trained = null, long seed = 0)
    {
        using var random = Encoder(seed);
        using var other = Encoder(seed: 9);
        return LanguageModelEval.Evaluate(
            trained ?? other, random, _text, _train, _test, new() { Head = head, Length = length, BatchSize = 16, PseudoTexts = 5, Seed = seed },
            cancellation: Stop);
    }

    private BertEncoder Encoder(long seed)
    {
        var encoder = TextBackbones.Create(new() { Name = "bert-tiny" }, _text.Options, seed);
        encoder.eval();
        return encoder;
    }

    private static double[] Numbers(LanguageModelReport report) => [.. report.Scores.SelectMany(score => (double[])[score.Accuracy, score.CrossEntropy, score.PseudoPerplexity ?? 0])];

    private static float[] Values(BertEncoder encoder) => [.. encoder.state_dict().Values.SelectMany(tensor => tensor.detach().contiguous().data<float>().ToArray())];

    /// <summary>Ten words of a cycle from anywhere in it.</summary>
    private static string Lines(long seed, int count)
    {
        var random = new SampleRandom(seed);
        var lines = new string[count];
        for (int i = 0; i < count; i++)
        {
            int start = random.NextInt(Cycle.Length);
            lines[i] = string.Join(' ', Enumerable.Range(start, 10).Select(word => Cycle[word % Cycle.Length]));
        }
        return string.Join('\n', lines) + "\n";
    }
}
