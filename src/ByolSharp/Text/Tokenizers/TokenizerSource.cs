using System.IO.Hashing;
using System.Text;
using System.Text.Json;

namespace ByolSharp.Text.Tokenizers;

/// <summary>What a tokenizer was read from.</summary>
public enum TokenizerKind
{
    /// <summary>The text of a Hugging Face tokenizer.json.</summary>
    Json,

    /// <summary>The lines of a WordPiece vocab.txt.</summary>
    WordPiece,

    /// <summary>A SentencePiece model in Base64.</summary>
    SentencePiece,
}

/// <summary>All that makes a tokenizer, as it travels in an encoder's file.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Data">Its content.</param>
public sealed record TokenizerSource(TokenizerKind Kind, string Data)
{
    /// <summary>Tells tokenizers apart.</summary>
    internal string Hash => Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(Data)))[..16];

    /// <summary>The name that other programs look for.</summary>
    internal string FileName => Kind switch
    {
        TokenizerKind.SentencePiece => "tokenizer.model",
        TokenizerKind.WordPiece => "vocab.txt",
        _ => "tokenizer.json",
    };

    /// <summary>Writes it into a folder as <see cref="FileName"/>, and the list of pieces that BERT's own programs know beside a tokenizer.json of pieces.</summary>
    /// <exception cref="StorageException">It cannot be written.</exception>
    internal void Save(string folder)
    {
        try
        {
            SaveWordPieces(folder);
            File.WriteAllBytes(Path.Combine(folder, FileName), Kind == TokenizerKind.SentencePiece ? Convert.FromBase64String(Data) : Encoding.UTF8.GetBytes(Data));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"the tokenizer cannot be written to '{folder}': {e.Message}", e);
        }
    }

    private void SaveWordPieces(string folder)
    {
        if (Kind != TokenizerKind.Json)
        {
            return;
        }
        using var document = JsonDocument.Parse(Data);
        if (SubwordTokenizer.WordPieces(document.RootElement) is { } pieces)
        {
            File.WriteAllText(Path.Combine(folder, "vocab.txt"), string.Concat(pieces.Select(piece => piece + "\n")));
        }
    }

    /// <summary>Reads a tokenizer's file, or the one in a folder.</summary>
    /// <exception cref="ConfigurationException">There is none.</exception>
    internal static TokenizerSource Read(string path)
    {
        try
        {
            return Directory.Exists(path) ? ReadFolder(path) : ReadFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"the tokenizer '{path}' cannot be read: {e.Message}", e);
        }
    }

    private static TokenizerSource ReadFolder(string folder)
    {
        string[] known = [.. new[] { "tokenizer.json", "vocab.txt" }.Select(name => Path.Combine(folder, name)), .. Directory.GetFiles(folder, "*.model").Order(StringComparer.Ordinal)];
        string vocabulary = Path.Combine(folder, "vocab.json"), merges = Path.Combine(folder, "merges.txt");
        return known.FirstOrDefault(File.Exists) is { } file ? ReadFile(file)
            : File.Exists(vocabulary) && File.Exists(merges) ? new(TokenizerKind.Json, TokenizerJson.Join(File.ReadAllText(vocabulary), File.ReadLines(merges)))
            : throw new ConfigurationException($"'{folder}' holds no tokenizer: looked for tokenizer.json, vocab.txt, a .model, and vocab.json with merges.txt.");
    }

    private static TokenizerSource ReadFile(string file) => Path.GetExtension(file).ToLowerInvariant() switch
    {
        ".json" => new(TokenizerKind.Json, File.ReadAllText(file)),
        ".txt" => new(TokenizerKind.WordPiece, File.ReadAllText(file)),
        ".model" => new(TokenizerKind.SentencePiece, Convert.ToBase64String(File.ReadAllBytes(file))),
        _ => throw new ConfigurationException($"'{file}' is no tokenizer that is known: name a tokenizer.json, a vocab.txt, a .model or a folder with one."),
    };
}
