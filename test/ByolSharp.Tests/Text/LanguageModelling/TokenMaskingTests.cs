using ByolSharp.Text.LanguageModelling;
using ByolSharp.Text.Tokenizers;

namespace ByolSharp.Tests.Text.LanguageModelling;

public sealed class TokenMaskingTests
{
    private const double Share = 0.15;
    private static readonly TextTokenizer Tokenizer = TextTokenizer.Train(["some words for a vocabulary of bytes"], 300);

    [Fact]
    public void Fifteen_per_cent_are_asked_for_of_which_eighty_are_hidden_ten_replaced_and_ten_stay()
    {
        var passage = PassageOf(100);
        int asked = 0, hidden = 0, replaced = 0, same = 0;
        for (int i = 0; i < 2000; i++)
        {
            var task = new TokenMasking(Share, Tokenizer).Apply(passage, new(3, 0, i));
            asked += task.Asked.Length;
            foreach (int place in task.Asked)
            {
                hidden += task.Seen[place] == Tokenizer.MaskToken ? 1 : 0;
                same += task.Seen[place] == passage.Tokens[place] ? 1 : 0;
                replaced += task.Seen[place] != Tokenizer.MaskToken && task.Seen[place] != passage.Tokens[place] ? 1 : 0;
            }
            Assert.Equal(task.Asked.Distinct().Count(), task.Asked.Length);
            Assert.All(Enumerable.Range(0, passage.Tokens.Length).Except(task.Asked), place => Assert.Equal(passage.Tokens[place], task.Seen[place]));
        }

        Assert.Equal(2000 * 15, asked);
        Assert.Equal(asked, hidden + replaced + same);
        Assert.InRange((double)hidden / asked, 0.79, 0.81); // 4 standard errors are 0.009
        Assert.InRange((double)replaced / asked, 0.09, 0.11);
        Assert.InRange((double)same / asked, 0.09, 0.11);
    }

    [Fact]
    public void Tokens_at_the_ends_are_never_asked_for_and_special_ones_never_put_in()
    {
        int[] special = [Tokenizer.ClassToken, Tokenizer.SeparatorToken];
        for (int i = 0; i < 3000; i++)
        {
            var passage = PassageOf(1 + i % 30);
            var task = new TokenMasking(Share, Tokenizer).Apply(passage, new(5, 0, i));

            Assert.InRange(task.Asked.Length, 1, Math.Max(1, (int)Math.Round(Share * (1 + i % 30))));
            Assert.All(task.Asked, place => Assert.InRange(place, 1, passage.Tokens.Length - 2));
            Assert.DoesNotContain(task.Seen[1..^1], token => special.Contains(token));
            Assert.Equal((special[0], special[1]), (task.Seen[0], task.Seen[^1]));
        }
    }

    [Fact]
    public void Seeds_alone_decide_what_is_hidden()
    {
        var passage = PassageOf(40);

        Assert.Equal(Seen(1, 0, 7), Seen(1, 0, 7));
        Assert.NotEqual(Seen(1, 0, 7), Seen(2, 0, 7));
        Assert.NotEqual(Seen(1, 0, 7), Seen(1, 1, 7));

        int[] Seen(long seed, long epoch, long index) => new TokenMasking(Share, Tokenizer).Apply(passage, new(seed, epoch, index)).Seen;
    }

    [Fact]
    public void One_by_one_every_token_is_hidden_once_and_next_tokens_are_told_from_the_place_before()
    {
        var passage = PassageOf(5);

        TokenTask[] tasks = [.. TokenTask.OneByOne(passage, Tokenizer.MaskToken)];
        var next = TokenTask.Next(passage);

        Assert.Equal([1, 2, 3, 4, 5], tasks.Select(task => Assert.Single(task.Asked)));
        Assert.All(tasks, task => Assert.Equal(task.Asked[0], Assert.Single(Enumerable.Range(0, 7), place => task.Seen[place] != passage.Tokens[place])));
        Assert.Equal([1, 2, 3, 4, 5], next.Asked);
        Assert.Equal(passage.Tokens[..6], next.Seen);
        var bucket = Assert.Single(TaskBucket.Of([next]));
        Assert.Equal([0L, 1, 2, 3, 4], bucket.Tokens.Hidden);
        Assert.Equal(passage.Tokens[1..6].Select(token => (long)token), bucket.Answers);
    }

    private static Passage PassageOf(int tokens) =>
        new(0, [Tokenizer.ClassToken, .. Enumerable.Range(0, tokens).Select(i => 10 + i), Tokenizer.SeparatorToken]);
}
