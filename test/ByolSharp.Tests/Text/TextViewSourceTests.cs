using ByolSharp.Text;
using ByolSharp.Text.Tokenizers;

namespace ByolSharp.Tests.Text;

public sealed class TextViewSourceTests
{
    private const string Sentence = "one two three four five six seven eight nine ten eleven twelve";
    private static readonly TextTokenizer Tokenizer = TextTokenizer.Train(Enumerable.Repeat(Sentence, 10), 400);
    private static readonly TextOptions Plain = new() { MaxTokens = 32, Dropout = 0 };
    private static readonly int[] Whole = [Tokenizer.ClassToken, .. Tokenizer.Encode(Sentence), Tokenizer.SeparatorToken];

    [Fact]
    public void Without_augmentation_a_view_is_the_text()
    {
        float[][] views = Draw(Plain);

        Assert.All(views, view => Assert.Equal(Whole, TextLayout.TokensOf(view)));
        Assert.All(views, view => Assert.Equal(0, view[0]));
    }

    [Fact]
    public void Views_follow_from_seed_epoch_index_and_view()
    {
        var options = Plain with { CropMin = 0.3, DeleteProbability = 0.2, SwapProbability = 0.3, MaskShare = 0.3, MaskSpan = 2, Dropout = 0.1 };
        float[][] first = Draw(options, epoch: 3);

        Assert.Equal(first, Draw(options, epoch: 3));
        Assert.NotEqual(first, Draw(options, epoch: 4));
        Assert.NotEqual(first[0], first[1]);
    }

    [Fact]
    public void A_crop_is_a_run_of_tokens()
    {
        var lengths = new HashSet<int>();
        for (int epoch = 0; epoch < 40; epoch++)
        {
            int[] inner = [.. TextLayout.TokensOf(Draw(Plain with { CropMin = 0.25 }, epoch)[0]).Skip(1).SkipLast(1)];
            int start = Array.IndexOf(Whole, inner[0]);
            Assert.Equal(Whole[start..(start + inner.Length)], inner);
            lengths.Add(inner.Length);
        }
        Assert.InRange(lengths.Min(), 3, 4);
        Assert.True(lengths.Max() > 9);
    }

    [Theory]
    [InlineData(0.25, 1, 3)]
    [InlineData(0.5, 4, 6)]
    [InlineData(0.01, 4, 1)]
    public void The_share_asked_for_is_hidden_and_its_tokens_stay_known(double share, int span, int expected)
    {
        float[] view = Draw(Plain with { MaskShare = share, MaskSpan = span })[0];

        Assert.Equal(expected, view.Count(value => value < 0));
        Assert.Equal(Whole, view[1..].TakeWhile(value => value != 0).Select(value => (int)Math.Abs(value) - 1));
        Assert.True(view[1] > 0 && view[Whole.Length] > 0);
    }

    [Fact]
    public void Words_change_places_and_tokens_are_left_out()
    {
        int[] swapped = [.. TextLayout.TokensOf(Draw(Plain with { SwapProbability = 1 })[0])];
        int[] thinned = [.. Enumerable.Range(0, 100).Select(epoch => TextLayout.TokensOf(Draw(Plain with { DeleteProbability = 0.5 }, epoch)[0]).Count() - 2)];

        Assert.Equal("two one four three six five eight seven ten nine twelve eleven", Tokenizer.Decode(swapped[1..^1]));
        Assert.InRange(thinned.Average(), 5, 7);
    }

    [Fact]
    public void The_second_view_is_of_the_text_beside_it()
    {
        using var data = new Few(new TextSample("one two", "three four"));
        var source = new TextViewSource(data, Plain, Tokenizer, seed: 0);
        var memory = new float[2 * (int)source.ViewShape[0]];

        source.Draw(0, 0, new(memory, 2));

        Assert.Equal(Tokenizer.Encode("three four"), TextLayout.TokensOf(memory[(memory.Length / 2)..]).Skip(1).SkipLast(1));
    }

    [Fact]
    public void The_target_drops_nothing_where_that_is_asked_for()
    {
        Assert.All(Draw(Plain with { Dropout = 0.1 }), view => Assert.True(view[0] > 0));
        Assert.All(Draw(Plain with { Dropout = 0.1, TargetDropout = false }), view => Assert.True(view[0] < 0));
    }

    [Fact]
    public void A_long_text_fills_a_view_with_different_passages()
    {
        using var data = new Few(new TextSample(string.Join(' ', Enumerable.Range(0, 200_000))));
        var source = new TextViewSource(data, Plain, Tokenizer, seed: 0);
        var memory = new float[2 * (int)source.ViewShape[0]];

        source.Draw(0, 0, new(memory, 2));

        Assert.DoesNotContain(0f, memory[1..33]);
        Assert.NotEqual(memory[1..33], memory[34..]);
        var whole = new float[33];
        new TextEvalSource(data, 32, Tokenizer).Render(0, whole);
        Assert.StartsWith("0 1 2 3", Tokenizer.Decode(TextLayout.TokensOf(whole).Skip(1).SkipLast(1)), StringComparison.Ordinal);
    }

    private static float[][] Draw(TextOptions options, long epoch = 0)
    {
        using var data = new Few(new TextSample(Sentence));
        var source = new TextViewSource(data, options, Tokenizer, seed: 7);
        int length = (int)source.ViewShape[0];
        var memory = new float[2 * length];
        source.Draw(epoch, 0, new(memory, 2));
        return [memory[..length], memory[length..]];
    }

    private sealed class Few(params TextSample[] samples) : TextDataset
    {
        public override int Count => samples.Length;

        public override string NameOf(int index) => $"{index}";

        public override TextSample Read(int index) => samples[index];
    }
}
