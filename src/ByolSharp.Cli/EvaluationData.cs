using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ByolSharp.Evaluation;
using ByolSharp.Images;

namespace ByolSharp.Cli;

/// <summary>The labelled data of an evaluation and where its result goes.</summary>
internal sealed class EvaluationData
{
    private readonly Option<string> _train = new("--train") { Description = "Labelled data to learn from.", Required = true, HelpName = "DIR" };
    private readonly Option<string> _test = new("--test") { Description = "Labelled data to be scored on.", Required = true, HelpName = "DIR" };
    private readonly Option<string> _labels = new("--labels") { Description = "Share of the training labels to use, class-balanced: 1%, 10% or 100%.", DefaultValueFactory = _ => "100%" };

    internal void AddTo(Command command)
    {
        command.Options.Add(_train);
        command.Options.Add(_test);
        command.Options.Add(_labels);
    }

    /// <summary>Representations of both sets by the encoder that the arguments name.</summary>
    internal (string Encoder, FeatureSet Train, FeatureSet Test) Extract(
        ParseResult arguments, EncoderOptions encoders, Terminal terminal, CancellationToken cancellation)
    {
        using var trainData = OpenLabelled(arguments.GetRequiredValue(_train), null);
        using var testData = OpenLabelled(arguments.GetRequiredValue(_test), trainData.ClassNames);
        var encoder = encoders.Open(arguments, trainData);
        var train = encoder.Extract(terminal, "train", trainData, cancellation);
        var test = encoder.Extract(terminal, "test", testData, cancellation);
        double share = Share(arguments);
        return (encoder.Name, share < 1 ? train.SubsetByShare(share, encoders.Seed(arguments)) : train, test);
    }

    internal string Labels(ParseResult arguments) => arguments.GetValue(_labels)!;

    /// <summary>Prints a result, and files it in the run where the encoder is a run's.</summary>
    internal static void Report(ParseResult arguments, EncoderOptions encoders, Terminal terminal, string protocol, string encoder, JsonObject result)
    {
        terminal.Table(
            ["encoder", .. result.Select(r => r.Key)],
            [[encoder, .. result.Select(r => r.Value is JsonValue value && value.TryGetValue(out double number) ? number.ToString("0.####", CultureInfo.InvariantCulture) : $"{r.Value}")]]);
        if (encoders.RunPath(arguments) is { } run && Directory.Exists(Path.Combine(run, "eval")))
        {
            File.WriteAllText(Path.Combine(run, "eval", $"{protocol}.json"), result.ToJsonString() + "\n");
        }
        terminal.Result(result);
    }

    private double Share(ParseResult arguments)
    {
        string text = Labels(arguments);
        return text.EndsWith('%') && double.TryParse(text[..^1], NumberStyles.Float, CultureInfo.InvariantCulture, out double percent) && percent is > 0 and <= 100
            ? percent / 100
            : throw new ConfigurationException($"--labels {text} is no share; write for example 1%, 10% or 100%.");
    }

    private static ImageDataset OpenLabelled(string path, IReadOnlyList<string>? classNames)
    {
        var data = ImageSources.Open(path, new() { ClassNames = classNames });
        return data.ClassNames.Count >= 2 ? data : throw new UnusableDataException(
            $"{path} has {data.ClassNames.Count} classes; evaluation needs labels, for example one sub-folder a class, and at least two classes.");
    }
}
