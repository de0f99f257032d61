using System.Text;
using System.Text.Json;
using Microsoft.ML.Tokenizers;

namespace ByolSharp.Text.Tokenizers;

/// <summary>Cuts texts into tokens, by Microsoft.ML.Tokenizers. Safe for several threads.</summary>
public sealed class TextTokenizer
{
    private static readonly string[] ClassTokens = ["[CLS]", "<s>"], SeparatorTokens = ["[SEP]", "</s>"], MaskTokens = ["[MASK]", "<mask>"];
    private readonly Tokenizer _tokenizer;
    private readonly bool _isUncased;

    private TextTokenizer(TokenizerSource source, Tokenizer tokenizer, IReadOnlyDictionary<string, int> vocabulary, bool isUncased = false)
    {
        (Source, _tokenizer, _isUncased) = (source, tokenizer, isUncased);
        int next = vocabulary.Values.Max() + 1;
        ClassToken = Find(ClassTokens);
        SeparatorToken = Find(SeparatorTokens);
        MaskToken = Find(MaskTokens);
        VocabularySize = next;

        // A vocabulary that lacks one gets it behind its last.
        int Find(string[] names) => names.Where(vocabulary.ContainsKey).Select(name => (int?)vocabulary[name]).FirstOrDefault() ?? next++;
    }

    /// <summary>What it was read from.</summary>
    public TokenizerSource Source { get; }

    /// <summary>Tokens, with those that stand before, behind and in the place of others; ids are below it.</summary>
    public int VocabularySize { get; }

    /// <summary>The token before a text.</summary>
    public int ClassToken { get; }

    /// <summary>The token behind a text.</summary>
    public int SeparatorToken { get; }

    /// <summary>The token in the place of a hidden one.</summary>
    public int MaskToken { get; }

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
            return source.Kind switch
            {
                TokenizerKind.WordPiece => OpenWordPiece(source, Lines(source.Data), isLowercase: null),
                TokenizerKind.SentencePiece => OpenSentencePiece(source),
                _ => OpenJson(source),
            };
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException or KeyNotFoundException or FormatException or InvalidDataException or IOException)
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
    public IReadOnlyList<int> Encode(string text) => _tokenizer is BertTokenizer bert
        ? bert.EncodeToIds(Spaced(_isUncased ? Accents.Without(text) : text), addSpecialTokens: false)
        : _tokenizer is SentencePieceTokenizer pieces
        ? pieces.EncodeToIds(text, addBeginningOfSentence: false, addEndOfSentence: false)
        : _tokenizer.EncodeToIds(text);

    /// <summary>The text that tokens spell.</summary>
    public string Decode(IEnumerable<int> tokens) => _tokenizer.Decode(tokens) ?? "";

    private static TextTokenizer Train(IEnumerable<string> texts, Action<string> add, Func<string> train)
    {
        foreach (string text in texts)
        {
            add(text);
        }
        return Open(new TokenizerSource(TokenizerKind.Json, train()));
    }

    private static TextTokenizer OpenJson(TokenizerSource source)
    {
        using var document = JsonDocument.Parse(source.Data);
        var model = document.RootElement.GetProperty("model");
        var vocabulary = model.GetProperty("vocab");
        string type = model.TryGetProperty("type", out var named) ? named.GetString() ?? "" : "BPE";
        if (TokenizerJson.WordPieces(document.RootElement) is { } tokens)
        {
            bool? isLowercase = document.RootElement.TryGetProperty("normalizer", out var normalizer) && normalizer.ValueKind == JsonValueKind.Object
                && normalizer.TryGetProperty("lowercase", out var lowercase) ? lowercase.GetBoolean() : null;
            return OpenWordPiece(source, tokens, isLowercase);
        }
        return type == "BPE"
            ? OpenBytePairs(source, vocabulary.EnumerateObject().ToDictionary(token => token.Name, token => token.Value.GetInt32(), StringComparer.Ordinal), model, document.RootElement)
            : throw new FormatException($"its model is {type}; WordPiece and byte-level BPE are known");
    }

    private static TextTokenizer OpenBytePairs(TokenizerSource source, Dictionary<string, int> vocabulary, JsonElement model, JsonElement root)
    {
        if (!root.TryGetProperty("pre_tokenizer", out var splitter) || !splitter.GetRawText().Contains("ByteLevel", StringComparison.Ordinal))
        {
            throw new FormatException("its pairs are not of bytes; such vocabularies are not known");
        }
        foreach (var token in root.TryGetProperty("added_tokens", out var added) ? added.EnumerateArray() : [])
        {
            vocabulary.TryAdd(token.GetProperty("content").GetString()!, token.GetProperty("id").GetInt32());
        }
        var tokenizer = BpeTokenizer.Create(new BpeOptions(vocabulary)
        {
            Merges = [.. model.GetProperty("merges").EnumerateArray().Select(merge => merge.ValueKind == JsonValueKind.Array ? $"{merge[0]} {merge[1]}" : merge.GetString()!)],
            ByteLevel = true,
            PreTokenizer = RobertaPreTokenizer.Instance,
        });
        return new(source, tokenizer, vocabulary);
    }

    /// <summary>As BERT's own: uncased vocabularies, which have no capital of A to Z, also lose their accents.</summary>
    private static TextTokenizer OpenWordPiece(TokenizerSource source, string[] tokens, bool? isLowercase)
    {
        bool lowers = isLowercase ?? !tokens.Any(token => !token.StartsWith('[') && token.Any(char.IsAsciiLetterUpper));
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', tokens) + "\n"));
        var tokenizer = BertTokenizer.Create(stream, new BertOptions { LowerCaseBeforeTokenization = lowers });
        return new(source, tokenizer, tokens.Index().ToDictionary(token => token.Item, token => token.Index, StringComparer.Ordinal), lowers);
    }

    private static TextTokenizer OpenSentencePiece(TokenizerSource source)
    {
        using var stream = new MemoryStream(Convert.FromBase64String(source.Data));
        var tokenizer = SentencePieceTokenizer.Create(stream, addBeginningOfSentence: false, addEndOfSentence: false);
        return new(source, tokenizer, tokenizer.Vocabulary);
    }

    /// <summary>Tabs and line breaks as the spaces that they are to BERT; the library takes them for characters to leave out.</summary>
    private static string Spaced(string text) => text.Replace('\t', ' ').Replace('\n', ' ').Replace('\r', ' ');

    private static string[] Lines(string text) => [.. text.Split('\n').Select(line => line.TrimEnd('\r')).Where(line => line.Length > 0)];
}
