using System.CommandLine;
using System.Text.Json.Nodes;
using ByolSharp.Images;
using ByolSharp.Text;
using ByolSharp.Text.Tokenizers;
using ByolSharp.Video;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol views DATA --out FILE.png</c>.</summary>
internal static class ViewsCommand
{
    private static readonly Argument<string> Data = new("DATA") { Description = "The images, the videos or, with a preset for texts, the texts." };
    private static readonly Option<string?> Out = new("--out", "-o") { Description = "The PNG file; views of texts are printed.", HelpName = "FILE.png" };
    private static readonly Option<string?> PresetName = new("--preset", "-p") { Description = $"The recipe whose views are drawn. Default: {Presets.Default}, for videos {Presets.DefaultOf(DataKind.Video)}." };
    private static readonly Option<int?> ImageSize = new("--image-size") { Description = "Side of the views in pixels." };
    private static readonly Option<int> Samples = new("--samples") { Description = "Images, or videos.", DefaultValueFactory = _ => 8 };
    private static readonly Option<int> Draws = new("--draws") { Description = "Draws from each distribution.", DefaultValueFactory = _ => 4 };
    private static readonly Option<long> Seed = new("--seed") { Description = "Seed of the draws." };
    private static readonly Option<string[]> Set = new("--set") { Description = "Any option, for example --set views.t.blurProbability=0.5; repeatable.", HelpName = "KEY=VALUE" };

    internal static Command Create() => new Command("views", "Draw a sheet of both view distributions: what the network gets to see.")
    {
        Data, Out, PresetName, ImageSize, Samples, Draws, Seed, Set,
    }.Does(Run);

    private static int Run(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string path = arguments.GetRequiredValue(Data);
        string preset = arguments.GetValue(PresetName) ?? Presets.DefaultOf(DataKinds.Of(path));
        var options = (arguments.GetValue(Set) ?? []).Aggregate(Presets.Get(preset), OptionsJson.Set);
        options.Validate();
        if (options.Data.Kind == DataKind.Text)
        {
            return PrintTexts(arguments, terminal, options.Text);
        }
        string file = arguments.GetValue(Out) ?? throw new ConfigurationException("--out is missing; name the PNG file to draw.");
        int size = arguments.GetValue(ImageSize) ?? options.Data.ImageSize, samples = arguments.GetValue(Samples), draws = arguments.GetValue(Draws);
        if (options.Data.Kind == DataKind.Video)
        {
            using var videos = VideoSources.Open(path, decoder: new() { ShortSide = options.Data.DecodeShortSide });
            ClipSheet.Write(file, videos, options.Views, options.Video, size, samples, draws, arguments.GetValue(Seed));
        }
        else
        {
            using var images = ImageSources.Open(path);
            ContactSheet.Write(file, images, options.Views, size, samples, draws, arguments.GetValue(Seed));
        }
        terminal.Line($"views of {size} pixels: {file}");
        terminal.Result(new JsonObject { ["out"] = Path.GetFullPath(file), ["image_size"] = size });
        return 0;
    }

    private static int PrintTexts(ParseResult arguments, Terminal terminal, TextOptions options)
    {
        int draws = Math.Min(2, arguments.GetValue(Draws));
        using var data = TextSources.Open(arguments.GetRequiredValue(Data), options);
        var tokenizer = options.Tokenizer.Length > 0 ? TextTokenizer.Open(options.Tokenizer) : TextTokenizer.Train(TokenizerTexts.Of(data), options.VocabularySize);
        var rows = TextViewSheet.Rows(data, options, tokenizer, arguments.GetValue(Samples), draws, arguments.GetValue(Seed));
        terminal.Table(TextViewSheet.Columns(draws), rows);
        terminal.Result(new JsonObject { ["views"] = new JsonArray([.. rows.Select(row => new JsonArray([.. row.Select(cell => JsonValue.Create(cell))]))]) });
        return 0;
    }
}
