using ByolSharp.Text.Tokenizers;

namespace ByolSharp.Text;

/// <summary>Views of texts beside the texts, for people.</summary>
internal static class TextViewSheet
{
    private const string Hidden = "▁▁";
    private const int Longest = 200;

    /// <summary>Headings of the columns.</summary>
    internal static IReadOnlyList<string> Columns(int draws) =>
        ["text", .. Enumerable.Range(1, draws).SelectMany(draw => new[] { $"first view, draw {draw}", $"second view, draw {draw}" })];

    /// <summary>A row a text: the text, then draws of both views.</summary>
    internal static IReadOnlyList<string[]> Rows(TextDataset data, TextOptions options, TextTokenizer tokenizer, int samples, int draws, long seed)
    {
        using var readable = new ReadableTexts(data, new());
        var source = new TextViewSource(readable, options, tokenizer, seed);
        int length = (int)source.ViewShape[0];
        samples = Math.Min(samples, source.Count);
        var rows = new List<string[]>();
        for (int i = 0; i < samples; i++)
        {
            int index = (int)((long)i * source.Count / samples);
            var cells = new List<string> { Cut(readable.Read(index).Text) };
            for (int draw = 0; draw < draws; draw++)
            {
                var memory = new float[2 * length];
                source.Draw(draw, index, new(memory, 2));
                cells.Add(Spell(tokenizer, memory[..length]));
                cells.Add(Spell(tokenizer, memory[length..]));
            }
            rows.Add([.. cells]);
        }
        return rows;
    }

    /// <summary>The text of a view, a bar in the place of each hidden token.</summary>
    internal static string Spell(TextTokenizer tokenizer, float[] view)
    {
        var pieces = new List<string>();
        var run = new List<int>();
        foreach (int token in TextLayout.TokensOf(view).Where(token => token != tokenizer.ClassToken && token != tokenizer.SeparatorToken).Append(int.MinValue))
        {
            if (token >= 0)
            {
                run.Add(token);
                continue;
            }
            pieces.Add(run.Count > 0 ? tokenizer.Decode(run) : "");
            pieces.Add(token == -1 ? Hidden : "");
            run.Clear();
        }
        return Cut(string.Concat(pieces));
    }

    private static string Cut(string text) => text.Length <= Longest ? text : $"{text[..Longest]}…";
}
