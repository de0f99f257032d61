using ByolSharp.Text.Tokenizers;

namespace ByolSharp.Text;

/// <summary>Draws a view of a text: words change places, a run of tokens is cut out, tokens are left out, and runs of them are hidden.</summary>
/// <param name="options">How much of each.</param>
/// <param name="tokenizer">Cuts texts into tokens.</param>
internal sealed class TextAugmentation(TextOptions options, TextTokenizer tokenizer)
{
    /// <summary>Draws a view into memory of <see cref="TextLayout.LengthFor"/> numbers.</summary>
    internal void Apply(string text, ref SampleRandom random, Span<float> view)
    {
        text = Passage(text, ref random);
        text = options.SwapProbability > 0 ? Swapped(text, ref random) : text;
        int[] tokens = Cropped([.. tokenizer.Encode(text)], ref random);
        TextLayout.Write(view, tokenizer.Subwords.Ended(Thinned(tokens, ref random), options.MaxTokens));
        view[0] = options.Dropout > 0 ? TextLayout.DrawKey(ref random, options.TargetDropout) : 0;
        Hide(view[TextLayout.Header..], ref random);
    }

    /// <summary>A part of a long text that surely holds the tokens wanted: the cost of a text does not grow with its length.</summary>
    private string Passage(string text, ref SampleRandom random)
    {
        int most = options.MaxTokens * SubwordTokenizer.CharactersAToken;
        if (text.Length <= most)
        {
            return text;
        }
        int start = random.NextInt(text.Length - most + 1);
        int word = text.AsSpan(start, most / 2).IndexOf(' ');
        start += start == 0 || word < 0 ? 0 : word + 1;
        return text.Substring(start, Math.Min(most, text.Length - start));
    }

    private string Swapped(string text, ref SampleRandom random)
    {
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i + 1 < words.Length; i++)
        {
            if (random.NextBool(options.SwapProbability))
            {
                (words[i], words[i + 1]) = (words[i + 1], words[i]);
                i++; // a word moves once
            }
        }
        return string.Join(' ', words);
    }

    /// <summary>A run of tokens: of a share between the smallest and all, and never more than a view holds.</summary>
    private ReadOnlySpan<int> CropOf(int[] tokens, ref SampleRandom random)
    {
        double share = options.CropMin < 1 ? random.NextDouble(options.CropMin, 1) : 1;
        int length = Math.Min(options.MaxTokens - 2, (int)Math.Ceiling(share * tokens.Length));
        return tokens.AsSpan(length < tokens.Length ? random.NextInt(tokens.Length - length + 1) : 0, length);
    }

    private int[] Cropped(int[] tokens, ref SampleRandom random) => tokens.Length == 0 ? tokens : CropOf(tokens, ref random).ToArray();

    private int[] Thinned(int[] tokens, ref SampleRandom random)
    {
        if (options.DeleteProbability == 0)
        {
            return tokens;
        }
        var kept = new List<int>(tokens.Length);
        foreach (int token in tokens)
        {
            if (!random.NextBool(options.DeleteProbability))
            {
                kept.Add(token);
            }
        }
        return kept.Count > 0 || tokens.Length == 0 ? [.. kept] : [tokens[random.NextInt(tokens.Length)]];
    }

    /// <summary>Hides runs of tokens until the share is reached, at least one token; those at the ends stay.</summary>
    private void Hide(Span<float> tokens, ref SampleRandom random)
    {
        int inner = tokens.IndexOf(0f) is >= 0 and int end ? end - 2 : tokens.Length - 2;
        int wanted = options.MaskShare == 0 || inner < 1 ? 0 : Math.Max(1, (int)Math.Round(options.MaskShare * inner));
        while (wanted > 0)
        {
            int start = random.NextInt(inner);
            for (int i = start; i < Math.Min(inner, start + options.MaskSpan) && wanted > 0; i++)
            {
                if (tokens[1 + i] > 0)
                {
                    tokens[1 + i] = -tokens[1 + i];
                    wanted--;
                }
            }
        }
    }
}
