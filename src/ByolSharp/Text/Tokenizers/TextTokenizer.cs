namespace ByolSharp.Text.Tokenizers;

/// <summary>Cuts texts into tokens. Safe for several threads.</summary>
public sealed class TextTokenizer
{
    private TextTokenizer(TokenizerSource source, SubwordTokenizer subwords) => (Source, Subwords) = (source, subwords);

    /// <summary>What it was read from.</summary>
    public TokenizerSource Source { get; }

    /// <summary>Tokens, with those that stand before, behind and in the place of others; ids are below it.</summary>
    public int VocabularySize => Subwords.VocabularySize;

    /// <summary>The token before a text.</summary>
    public int ClassToken => Subwords.ClassToken;

    /// <summary>The token behind a text.</summary>
    public int SeparatorToken => Subwords.SeparatorToken;

    /// <summary>The token in the place of a hidden one.</summary>
    public int MaskToken => Subwords.MaskToken;

    /// <summary>What does the work.</summary>
    internal SubwordTokenizer Subwords { get; }

    /// <summary>Opens a tokenizer.</summary>
    /// <param name="path">A tokenizer.json (WordPiece or byte-level pairs), vocab.txt, SentencePiece .model, or a folder with one; also vocab.json with merges.txt.</param>
    /// <exception cref="ConfigurationException">There is none, or none that works.</exception>
    public static TextTokenizer Open(string path) => Open(TokenizerSource.Read(path), path);

    /// <summary>Makes a tokenizer of what was read before.</summary>
    /// <param name="source">Its content.</param>
    /// <param name="name">Where it is from, for messages.</param>
    /// <exception cref="ConfigurationException">It does not work.</exception>
    public static TextTokenizer Open(TokenizerSource source, string name = "the tokenizer")
    {
        try
        {
            return new(source, SubwordTokenizer.Open(source.Kind, source.Data));
        }
        catch (InvalidDataException e)
        {
            throw new ConfigurationException($"'{name}' is no tokenizer that works: {e.Message}", e);
        }
    }

    /// <summary>Learns a byte-level tokenizer.</summary>
    /// <param name="texts">The texts, read once.</param>
    /// <param name="size">Tokens of the vocabulary, at most; 300 or more.</param>
    public static TextTokenizer Train(IEnumerable<string> texts, int size)
    {
        var trainer = new BytePairTrainer();
        return Train(texts, trainer.Add, () => trainer.Train(size));
    }

    /// <summary>Learns a WordPiece tokenizer of BERT's kind.</summary>
    /// <param name="texts">The texts, read once.</param>
    /// <param name="size">Tokens of the vocabulary, at most; 300 or more.</param>
    /// <param name="isCased">Whether capitals and accents count.</param>
    public static TextTokenizer TrainWordPiece(IEnumerable<string> texts, int size, bool isCased = false)
    {
        var trainer = new WordPieceTrainer(isCased);
        return Train(texts, trainer.Add, () => trainer.Train(size));
    }

    /// <summary>The tokens of a text, without any before and behind it.</summary>
    public IReadOnlyList<int> Encode(string text) => Subwords.Encode(text);

    /// <summary>The text that tokens spell.</summary>
    public string Decode(IEnumerable<int> tokens) => Subwords.Decode(tokens);

    private static TextTokenizer Train(IEnumerable<string> texts, Action<string> add, Func<string> train)
    {
        foreach (string text in texts)
        {
            add(text);
        }
        return Open(new TokenizerSource(TokenizerKind.Json, train()));
    }
}
