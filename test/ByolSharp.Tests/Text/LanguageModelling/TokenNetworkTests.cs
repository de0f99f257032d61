using ByolSharp.Tests.Training;
using ByolSharp.Text;
using ByolSharp.Text.Backbones;
using ByolSharp.Text.LanguageModelling;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Text.LanguageModelling;

/// <summary>One of them counts the live tensors of the whole process.</summary>
[Collection(nameof(WholeProcess))]
public sealed class TokenNetworkTests
{
    private const int Class = 2, Separator = 3, Mask = 4, Vocabulary = 40;
    private static readonly TextOptions Options = new() { VocabularySize = Vocabulary, MaskToken = Mask, MaxTokens = 32, Dropout = 0.1 };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Causal_no_token_sees_a_later_one_nor_the_void()
    {
        using var encoder = Encoder();
        using var network = new TokenNetwork(encoder, Vocabulary, new() { Head = LanguageHead.Causal });
        int[] text = [7, 8, 9, 10, 11, 12, 13];

        float[] whole = Logits(network, TokenTask.Next(Passage(text)));
        float[] changed = Logits(network, TokenTask.Next(Passage([7, 8, 9, 30, 11, 12, 13])));
        float[] shorter = Logits(network, TokenTask.Next(Passage(text[..5])), TokenTask.Next(Passage(text)));

        Assert.Equal(whole[..(4 * Vocabulary)], changed[..(4 * Vocabulary)]); // told at ^, 7, 8, 9: the tokens 7, 8, 9 and the changed one
        Assert.NotEqual(whole[(4 * Vocabulary)..(5 * Vocabulary)], changed[(4 * Vocabulary)..(5 * Vocabulary)]);
        Assert.All(Enumerable.Range(0, 5 * Vocabulary), i => Assert.Equal(whole[i], shorter[(7 * Vocabulary) + i], 1e-5)); // the longest of a bucket is first
    }

    [Fact]
    public void A_hidden_token_is_told_from_both_sides()
    {
        using var encoder = Encoder();
        using var network = new TokenNetwork(encoder, Vocabulary, new());
        TokenTask[] tasks = [.. TokenTask.OneByOne(Passage(7, 8, 9, 10), Mask)], others = [.. TokenTask.OneByOne(Passage(7, 8, 9, 11), Mask)];

        Assert.NotEqual(Logits(network, tasks[1]), Logits(network, others[1]));
        Assert.Equal(Logits(network, tasks[3]), Logits(network, others[3])); // the one that differs is hidden
    }

    [Fact]
    public void A_text_is_scored_alike_whatever_stands_beside_it()
    {
        using var encoder = Encoder();
        using var network = new TokenNetwork(encoder, Vocabulary, new());
        var random = new SampleRandom(2);
        var tasks = new List<TokenTask>();
        for (int text = 0; text < 90; text++)
        {
            int[] tokens = new int[1 + random.NextInt(25)];
            for (int i = 0; i < tokens.Length; i++)
            {
                tokens[i] = 5 + random.NextInt(30);
            }
            tasks.AddRange(TokenTask.OneByOne(Passage(tokens) with { Text = text }, Mask));
        }

        var together = network.Score(tasks, 90, (_, _) => { }, Stop);

        for (int text = 0; text < 90; text += 15)
        {
            var alone = network.Score([.. tasks.Where(task => task.Passage.Text == text)], 90, (_, _) => { }, Stop)[text];
            Assert.Equal((alone.Tokens, alone.Right), (together[text].Tokens, together[text].Right));
            Assert.Equal(alone.Nats, together[text].Nats, 1e-3);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(true)]
    public void A_head_learns_and_a_frozen_encoder_stays_to_the_bit(bool? isTied)
    {
        using var encoder = Encoder();
        var before = Values(encoder);
        using var network = new TokenNetwork(encoder, Vocabulary, new() { TieDecoder = isTied });

        var (first, last) = Train(network, steps: 30);

        Assert.True(last < first - 0.3, $"{first} {last}");
        Assert.Equal(before, Values(encoder));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(false)]
    public void A_fine_tuned_encoder_moves_and_equal_seeds_give_equal_bits(bool? isTied)
    {
        using var encoder = Encoder();
        using var same = Encoder();
        var before = Values(encoder);
        var options = new LanguageModelOptions { Head = LanguageHead.Finetune, TieDecoder = isTied };
        using TokenNetwork network = new(encoder, Vocabulary, options), again = new(same, Vocabulary, options);

        var (first, last) = Train(network, steps: 30);

        Assert.True(last < first - 0.3, $"{first} {last}");
        Assert.NotEqual(before, Values(encoder));
        Assert.Equal((first, last), Train(again, steps: 30));
        Assert.Equal(Values(encoder), Values(same));
    }

    [Theory]
    [InlineData(LanguageHead.Frozen)]
    [InlineData(LanguageHead.Causal)]
    public void A_head_starts_at_how_often_tokens_occur(LanguageHead head)
    {
        using var encoder = Encoder();
        using var network = new TokenNetwork(encoder, Vocabulary, new() { Head = head, TieDecoder = false });
        var counts = new UnigramModel([Passage([.. Enumerable.Repeat(7, 90), 8, 9])], Vocabulary);
        TokenTask[] tasks = [TokenTask.Next(Passage(7, 8, 9, 20)) with { Lead = head == LanguageHead.Causal ? 1 : 0 }];

        network.StartAt(counts);

        Assert.Equal(counts.Score(tasks, 1)[0].Nats / 4, network.Score(tasks, 1, (_, _) => { }, Stop)[0].Nats / 4, 0.3);
    }

    [Fact]
    public void Measuring_a_step_teaches_nothing_and_leaks_nothing()
    {
        using var encoder = Encoder();
        var before = Values(encoder);
        using var network = new TokenNetwork(encoder, Vocabulary, new() { Head = LanguageHead.Causal });
        network.Train(Batch, 2, (_, _) => { }, Stop);
        var trained = Values(encoder);

        Assert.True(network.SecondsPerStep(Batch, Stop) > 0);
        Score();
        long alive = LiveTensors.CountAfterCollecting();
        for (int i = 0; i < 30; i++)
        {
            Score();
        }

        Assert.InRange(Tensor.TotalCount, 0, alive);
        Assert.Equal(trained, Values(encoder));
        Assert.NotEqual(before, trained);

        void Score() => network.Score([TokenTask.Next(Passage(7, 8, 9))], 1, (_, _) => { }, Stop);
    }

    private static (double First, double Last) Train(TokenNetwork network, int steps)
    {
        TokenTask[] test = [.. TokenTask.OneByOne(Passage(7, 8, 9, 10, 11), Mask)];
        double first = network.Score(test, 1, (_, _) => { }, Stop)[0].Nats / 5;
        network.Train(Batch, steps, (_, _) => { }, Stop);
        return (first, network.Score(test, 1, (_, _) => { }, Stop)[0].Nats / 5);
    }

    private static TokenTask[] Batch(long step) => [.. TokenTask.OneByOne(Passage(7, 8, 9, 10, 11), Mask), .. TokenTask.OneByOne(Passage(8, 9, 10), Mask)];

    private static float[] Logits(TokenNetwork network, params TokenTask[] tasks)
    {
        using var gradients = no_grad();
        return [.. TaskBucket.Of(tasks).SelectMany(bucket => network.Logits(bucket).contiguous().data<float>().ToArray())];
    }

    private static float[] Values(BertEncoder encoder) => [.. encoder.state_dict().Values.SelectMany(tensor => tensor.detach().contiguous().data<float>().ToArray())];

    private static BertEncoder Encoder()
    {
        var encoder = TextBackbones.Create(new() { Name = "bert-tiny" }, Options, seed: 1);
        encoder.eval();
        return encoder;
    }

    private static Passage Passage(params int[] tokens) => new(0, [Class, .. tokens, Separator]);
}
