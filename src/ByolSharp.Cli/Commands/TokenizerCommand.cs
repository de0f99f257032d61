using System.CommandLine;
using System.Text.Json.Nodes;
using ByolSharp.Text;
using ByolSharp.Text.Tokenizers;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol tokenizer train DATA --out DIR</c>.</summary>
internal static class TokenizerCommand
{
    private const string BytePairs = "bpe", WordPiece = "wordpiece";
    private static readonly Argument<string> Data = new("DATA") { Description = "The texts: lines, a table (.csv, .tsv, .jsonl, .parquet) or a folder of documents." };
    private static readonly Option<string> Out = new("--out", "-o") { Description = "The folder of tokenizer.json and, of pieces of words, vocab.txt.", Required = true, HelpName = "DIR" };
    private static readonly Option<int> Size = new("--vocab-size") { Description = "Tokens of the vocabulary, at most.", DefaultValueFactory = _ => new TextOptions().VocabularySize };
    private static readonly Option<string> Kind = new Option<string>("--kind")
    {
        Description = "bpe: byte-level pairs, which give back every text; wordpiece: pieces of words of BERT's kind.",
        DefaultValueFactory = _ => BytePairs,
    }.AcceptOnlyFromAmong(BytePairs, WordPiece);

    private static readonly Option<bool> Cased = new("--cased") { Description = "Capitals and accents count (wordpiece)." };
    private static readonly TextColumns Columns = new();

    internal static Command Create()
    {
        var train = new Command("train", "Learn a vocabulary from texts.") { Data, Out, Size, Kind, Cased };
        Columns.AddTo(train);
        return new Command("tokenizer", "What cuts texts into tokens.") { train.Does(Run) };
    }

    private static int Run(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        var options = Columns.Apply(arguments, new TextOptions { VocabularySize = arguments.GetValue(Size) });
        options.Validate();
        string folder = arguments.GetRequiredValue(Out);
        using var data = TextSources.Open(arguments.GetRequiredValue(Data), options);
        var tokenizer = arguments.GetValue(Kind) == WordPiece
            ? TextTokenizer.TrainWordPiece(TokenizerTexts.Of(data), options.VocabularySize, arguments.GetValue(Cased))
            : TextTokenizer.Train(TokenizerTexts.Of(data), options.VocabularySize);
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"the folder {folder} cannot be made ({e.Message}); name another one with --out.", e);
        }
        tokenizer.Source.Save(folder);
        terminal.Line($"{tokenizer.VocabularySize:N0} tokens from {data.Count:N0} texts: {Path.Combine(folder, "tokenizer.json")}");
        terminal.Result(new JsonObject { ["out"] = Path.GetFullPath(folder), ["vocabulary_size"] = tokenizer.VocabularySize, ["texts"] = data.Count });
        return 0;
    }
}
