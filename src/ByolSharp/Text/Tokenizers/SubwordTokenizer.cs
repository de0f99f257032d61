using System.Text;
using System.Text.Json;
using Microsoft.ML.Tokenizers;

namespace ByolSharp.Text.Tokenizers;

/// <summary>
/// What cuts texts into tokens, by Microsoft.ML.Tokenizers. Safe for several threads. Compiled into the package for applications too, which has no libtorch, and
/// therefore free of all else of this library.
/// </summary>
internal sealed class SubwordTokenizer
{
    /// <summary>More characters than a token spells: what a text of so many times its tokens goes on with need not be read.</summary>
    internal const int CharactersAToken = 32;

    private const int EndTokens = 2;
    private static readonly string[] ClassTokens = ["[CLS]", "<s>"], SeparatorTokens = ["[SEP]", "</s>"], MaskTokens = ["[MASK]", "<mask>"];
    private readonly Tokenizer _tokenizer;
    private readonly bool _isUncased;

    private SubwordTokenizer(Tokenizer tokenizer, IReadOnlyDictionary<string, int> vocabulary, bool isUncased = false)
    {
        (_tokenizer, _isUncased) = (tokenizer, isUncased);
        int next = vocabulary.Values.Max() + 1;
        ClassToken = Find(ClassTokens);
        SeparatorToken = Find(SeparatorTokens);
        MaskToken = Find(MaskTokens);
        VocabularySize = next;

        // A vocabulary that lacks one gets it behind its last.
        int Find(string[] names) => names.Where(vocabulary.ContainsKey).Select(name => (int?)vocabulary[name]).FirstOrDefault() ?? next++;
    }

    /// <summary>Tokens, with those that stand before, behind and in the place of others; ids are below it.</summary>
    internal int VocabularySize { get; }

    /// <summary>The token before a text.</summary>
    internal int ClassToken { get; }

    /// <summary>The token behind a text.</summary>
    internal int SeparatorToken { get; }

    /// <summary>The token in the place of a hidden one.</summary>
    internal int MaskToken { get; }

    /// <summary>Makes a tokenizer of its content.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="data">Its content.</param>
    /// <exception cref="InvalidDataException">It does not work.</exception>
    internal static SubwordTokenizer Open(TokenizerKind kind, string data)
    {
        try
        {
            return kind switch
            {
                TokenizerKind.WordPiece => OpenWordPiece(Lines(data), isLowercase: null),
                TokenizerKind.SentencePiece => OpenSentencePiece(data),
                _ => OpenJson(data),
            };
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException or KeyNotFoundException or FormatException or InvalidDataException or IOException)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    /// <summary>The tokens of a text, without any before and behind it.</summary>
    internal IReadOnlyList<int> Encode(string text) => _tokenizer is WordPieceTokenizer wordPieces
        ? wordPieces.EncodeToIds(string.Join(' ', BertWords.Of(text, isCased: !_isUncased)))
        : _tokenizer is SentencePieceTokenizer pieces
        ? pieces.EncodeToIds(text, addBeginningOfSentence: false, addEndOfSentence: false)
        : _tokenizer.EncodeToIds(text);

    /// <summary>The tokens of a whole text between those at its ends, or of its beginning where it is longer.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maxTokens">Tokens at most, with both ends.</param>
    internal int[] EncodeWhole(string text, int maxTokens)
    {
        int most = maxTokens * CharactersAToken;
        return Ended(Encode(text.Length <= most ? text : text[..most]), maxTokens);
    }

    /// <summary>Tokens between those at the ends of a text, the last ones left out where they are too many.</summary>
    internal int[] Ended(IEnumerable<int> tokens, int maxTokens) => [ClassToken, .. tokens.Take(maxTokens - EndTokens), SeparatorToken];

    /// <summary>The text that tokens spell.</summary>
    internal string Decode(IEnumerable<int> tokens) => _tokenizer.Decode(tokens) ?? "";

    /// <summary>The pieces by number where the model of a tokenizer.json is WordPiece; else null.</summary>
    internal static string[]? WordPieces(JsonElement root) =>
        root.GetProperty("model") is var model && model.TryGetProperty("type", out var type) && type.GetString() == "WordPiece"
            ? [.. model.GetProperty("vocab").EnumerateObject().OrderBy(token => token.Value.GetInt32()).Select(token => token.Name)]
            : null;

    private static SubwordTokenizer OpenJson(string data)
    {
        using var document = JsonDocument.Parse(data);
        var model = document.RootElement.GetProperty("model");
        var vocabulary = model.GetProperty("vocab");
        string type = model.TryGetProperty("type", out var named) ? named.GetString() ?? "" : "BPE";
        if (WordPieces(document.RootElement) is { } tokens)
        {
            bool? isLowercase = document.RootElement.TryGetProperty("normalizer", out var normalizer) && normalizer.ValueKind == JsonValueKind.Object
                && normalizer.TryGetProperty("lowercase", out var lowercase) ? lowercase.GetBoolean() : null;
            return OpenWordPiece(tokens, isLowercase);
        }
        return type == "BPE"
            ? OpenBytePairs(vocabulary.EnumerateObject().ToDictionary(token => token.Name, token => token.Value.GetInt32(), StringComparer.Ordinal), model, document.RootElement)
            : throw new FormatException($"its model is {type}; WordPiece and byte-level BPE are known");
    }

    private static SubwordTokenizer OpenBytePairs(Dictionary<string, int> vocabulary, JsonElement model, JsonElement root)
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
        return new(tokenizer, vocabulary);
    }

    /// <summary>
    /// As BERT's own: uncased vocabularies, which have no capital of A to Z, also lose their accents. The words are ours, since the library's BertTokenizer of release
    /// 2.0 passes over symbols such as + and $.
    /// </summary>
    private static SubwordTokenizer OpenWordPiece(string[] tokens, bool? isLowercase)
    {
        bool lowers = isLowercase ?? !tokens.Any(token => !token.StartsWith('[') && token.Any(char.IsAsciiLetterUpper));
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', tokens) + "\n"));
        var tokenizer = WordPieceTokenizer.Create(stream, new WordPieceOptions { PreTokenizer = PreTokenizer.CreateWhiteSpace() });
        return new(tokenizer, tokens.Index().ToDictionary(token => token.Item, token => token.Index, StringComparer.Ordinal), lowers);
    }

    private static SubwordTokenizer OpenSentencePiece(string data)
    {
        using var stream = new MemoryStream(Convert.FromBase64String(data));
        var tokenizer = SentencePieceTokenizer.Create(stream, addBeginningOfSentence: false, addEndOfSentence: false);
        return new(tokenizer, tokenizer.Vocabulary);
    }

    private static string[] Lines(string text) => [.. text.Split('\n').Select(line => line.TrimEnd('\r')).Where(line => line.Length > 0)];
}
