using ByolSharp.Text;
using ByolSharp.Text.Tokenizers;

namespace ByolSharp.Cli;

/// <summary>Views of texts beside the texts, for people.</summary>
internal static class TextViewSheet
{
    private const string Hidden = "▁▁";
    private const int Longest = 200;

    /// <summary>A row a text: the text, then draws of both views.</summary>
    internal static IReadOnlyList<string[]> Rows(TextDataset data, TextOptions options, int samples, int draws, long seed)
    {
        var tokenizer = options.Tokenizer.Length > 0 ? TextTokenizer.Open(options.Tokenizer) : TextTokenizer.Train(TokenizerTexts.Of(data), options.VocabularySize);
        using var readable = new ReadableTexts(data, new());
        var source = new TextViewSource(readable, options, tokenizer, seed);
        int length = (int)source.ViewShape[0];
        var rows = new List<string[]>();
        for (int i = 0; i < Math.Min(samples, source.Count); i++)
        {
            int index = (int)((long)i * source.Count / Math.Min(samples, source.Count));
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
    private static string Spell(TextTokenizer tokenizer, float[] view)
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
