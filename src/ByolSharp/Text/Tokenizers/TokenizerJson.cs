using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ByolSharp.Text.Tokenizers;

/// <summary>The file in which Hugging Face's libraries keep a tokenizer.</summary>
internal static class TokenizerJson
{
    private const string WordPieceType = "WordPiece";
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, IndentSize = 1, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text of a byte-level tokenizer that puts a class token before a text and a separator behind it.</summary>
    /// <param name="tokens">The vocabulary by number.</param>
    /// <param name="merges">The pairs in the order of their learning.</param>
    /// <param name="special">Tokens that no text turns into, the first of the vocabulary.</param>
    internal static string BytePairs(IReadOnlyList<string> tokens, IReadOnlyList<(string Left, string Right)> merges, IReadOnlyList<string> special) =>
        Write(tokens, special, normalizer: null, ByteLevel(), ByteLevel(), new()
        {
            ["type"] = "BPE",
            ["dropout"] = null,
            ["unk_token"] = null,
            ["continuing_subword_prefix"] = null,
            ["end_of_word_suffix"] = null,
            ["fuse_unk"] = false,
            ["byte_fallback"] = false,
            ["vocab"] = Vocabulary(tokens),
            ["merges"] = Array(merges.Select(merge => JsonValue.Create($"{merge.Left} {merge.Right}"))),
        });

    /// <summary>The text of a BERT's tokenizer.</summary>
    /// <param name="tokens">The vocabulary by number.</param>
    /// <param name="special">Tokens that no text turns into, the first of the vocabulary.</param>
    /// <param name="isCased">Whether capitals and accents count.</param>
    internal static string WordPiece(IReadOnlyList<string> tokens, IReadOnlyList<string> special, bool isCased) => Write(
        tokens,
        special,
        new() { ["type"] = "BertNormalizer", ["clean_text"] = true, ["handle_chinese_chars"] = true, ["strip_accents"] = null, ["lowercase"] = !isCased },
        new() { ["type"] = "BertPreTokenizer" },
        new() { ["type"] = WordPieceType, ["prefix"] = WordPieceTrainer.Continued, ["cleanup"] = true },
        new()
        {
            ["type"] = WordPieceType,
            ["unk_token"] = "[UNK]",
            ["continuing_subword_prefix"] = WordPieceTrainer.Continued,
            ["max_input_chars_per_word"] = 100,
            ["vocab"] = Vocabulary(tokens),
        });

    /// <summary>As <see cref="BytePairs"/>, for a vocabulary and merges that other programs wrote as vocab.json and merges.txt.</summary>
    internal static string Join(string vocabulary, IEnumerable<string> merges) => new JsonObject
    {
        ["version"] = "1.0",
        ["model"] = new JsonObject
        {
            ["type"] = "BPE",
            ["vocab"] = JsonNode.Parse(vocabulary),
            ["merges"] = Array(merges.Where(line => line.Length > 0 && !line.StartsWith("#version", StringComparison.Ordinal)).Select(line => JsonValue.Create(line))),
        },
        ["pre_tokenizer"] = ByteLevel(),
    }.ToJsonString(Format);

    private static string Write(
        IReadOnlyList<string> tokens, IReadOnlyList<string> special, JsonObject? normalizer, JsonObject preTokenizer, JsonObject decoder, JsonObject model) => new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = Array(special.Select((token, id) => new JsonObject
            {
                ["id"] = id,
                ["content"] = token,
                ["single_word"] = false,
                ["lstrip"] = false,
                ["rstrip"] = false,
                ["normalized"] = false,
                ["special"] = true,
            })),
            ["normalizer"] = normalizer,
            ["pre_tokenizer"] = preTokenizer,
            ["post_processor"] = Template(tokens),
            ["decoder"] = decoder,
            ["model"] = model,
        }.ToJsonString(Format);

    private static JsonObject Vocabulary(IEnumerable<string> tokens) =>
        new(tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)JsonValue.Create(id))));

    private static JsonObject ByteLevel() => new() { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = true };

    private static JsonObject Template(IReadOnlyList<string> tokens)
    {
        string[] ends = ["[CLS]", "[SEP]"];
        var single = Array([Special(ends[0]), new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A", ["type_id"] = 0 } }, Special(ends[1])]);
        return new()
        {
            ["type"] = "TemplateProcessing",
            ["single"] = single,
            ["pair"] = Array([.. single.Select(piece => piece!.DeepClone()), new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "B", ["type_id"] = 1 } }, Special(ends[1], 1)]),
            ["special_tokens"] = new JsonObject(ends.Select(token => KeyValuePair.Create(token, (JsonNode?)new JsonObject
            {
                ["id"] = token,
                ["ids"] = Array([JsonValue.Create(tokens.Index().First(entry => entry.Item == token).Index)]),
                ["tokens"] = Array([JsonValue.Create(token)]),
            }))),
        };
    }

    private static JsonObject Special(string token, int type = 0) => new() { ["SpecialToken"] = new JsonObject { ["id"] = token, ["type_id"] = type } };

    private static JsonArray Array(IEnumerable<JsonNode?> items) => [.. items];
}
