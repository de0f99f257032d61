using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ByolSharp.Distributed;
using ByolSharp.Evaluation;
using ByolSharp.Images;
using ByolSharp.Sources;

namespace ByolSharp.Cli;

/// <summary>The labelled data of an evaluation and where its result goes.</summary>
internal sealed class EvaluationData
{
    private const string Low = "_low", High = "_high", AllLabels = "100%";
    private readonly Option<string> _train = new("--train") { Description = "Labelled data to learn from.", Required = true, HelpName = "DIR" };
    private readonly Option<string> _test = new("--test") { Description = "Labelled data to be scored on.", Required = true, HelpName = "DIR" };
    private readonly Option<string> _labels = new("--labels") { Description = "Share of the training labels to use, class-balanced: 1%, 10% or 100%.", DefaultValueFactory = _ => AllLabels };
    private readonly Option<string?> _labelList = new("--label-list") { Description = "Use the labels of these training samples: a file with a name a line.", HelpName = "FILE" };

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="withLabels">False leaves out those that choose labels.</param>
    internal void AddTo(Command command, bool withLabels = true)
    {
        foreach (Option option in withLabels ? (Option[])[_train, _test, _labels, _labelList] : [_train, _test])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Opens both sets, with one numbering of the classes, and the encoder that the arguments name.</summary>
    internal LabelledData Open(ParseResult arguments, EncoderOptions encoders)
    {
        var (train, test) = OpenSets(arguments, (path, classNames) => encoders.OpenData(arguments, path, classNames));
        try
        {
            int[] samples = Samples(arguments, encoders, train);
            return new(encoders.Open(arguments, train), train, samples, test);
        }
        catch
        {
            train.Dispose();
            test.Dispose();
            throw;
        }
    }

    /// <summary>Opens both sets, with one numbering of the classes.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="open">Opens data by its path and, where they are known, its class names.</param>
    internal (T Train, T Test) OpenSets<T>(ParseResult arguments, Func<string, IReadOnlyList<string>?, T> open) where T : Dataset
    {
        var train = OpenLabelled(arguments.GetRequiredValue(_train), path => open(path, null));
        try
        {
            return (train, OpenLabelled(arguments.GetRequiredValue(_test), path => open(path, train.ClassNames)));
        }
        catch
        {
            train.Dispose();
            throw;
        }
    }

    /// <summary>Representations of both sets by the encoder that the arguments name; replicas share the work.</summary>
    internal (string Encoder, FeatureSet Train, FeatureSet Test) Extract(
        ParseResult arguments, EncoderOptions encoders, Terminal terminal, IReplicas replicas, CancellationToken cancellation)
    {
        using var data = Open(arguments, encoders);
        using Dataset labelled = Encoder.Subset(data.Train, data.Samples);
        var train = data.Encoder.Extract(terminal, "train", labelled, cancellation, replicas);
        return (data.Encoder.Name, train, data.Encoder.Extract(terminal, "test", data.Test, cancellation, replicas));
    }

    /// <summary>Representations of two lists with several classes an image; see <see cref="MultiLabels"/>.</summary>
    internal (string Encoder, MultiLabelSet Train, MultiLabelSet Test) ExtractMultiLabel(
        ParseResult arguments, EncoderOptions encoders, Terminal terminal, IReplicas replicas, CancellationToken cancellation)
    {
        if (Labels(arguments) != AllLabels)
        {
            throw new ConfigurationException("several classes an image are not divided: leave out --labels and --label-list, or shorten the list.");
        }
        string trainList = arguments.GetRequiredValue(_train), testList = arguments.GetRequiredValue(_test);
        var trainLabels = MultiLabels.Read(trainList);
        var testLabels = MultiLabels.Read(testList, trainLabels.ClassNames);
        using ImageDataset train = ImageSources.Open(trainList), test = ImageSources.Open(testList);
        var encoder = encoders.Open(arguments, train);
        return (encoder.Name, SetOf("train", train, trainLabels), SetOf("test", test, testLabels));

        MultiLabelSet SetOf(string what, ImageDataset data, MultiLabels labels)
        {
            var features = encoder.Extract(terminal, what, data, cancellation, replicas);
            var places = Enumerable.Range(0, data.Count).ToDictionary(data.NameOf, StringComparer.Ordinal);
            return new(features, [.. features.Names.Select(name => labels.Of(places[name]))], labels.ClassNames);
        }
    }

    /// <summary>The labels used, for the result.</summary>
    internal string Labels(ParseResult arguments) => arguments.GetValue(_labelList) ?? arguments.GetValue(_labels)!;

    /// <summary>What every classifier's result holds: accuracies, the interval of the first, and how many samples they come from.</summary>
    internal static JsonObject Accuracies(ClassificationResult result)
    {
        var interval = Metrics.BootstrapTop1(result.Ranks);
        return new()
        {
            ["top1"] = result.Top1,
            ["top1" + Low] = interval.Low,
            ["top1" + High] = interval.High,
            ["top5"] = result.Top5,
            ["mean_per_class"] = result.MeanPerClass,
            ["n_train"] = result.NTrain,
            ["n_test"] = result.NTest,
        };
    }

    /// <summary>Prints a result, and files it in the run where the encoder is a run's.</summary>
    internal static void Report(ParseResult arguments, EncoderOptions encoders, Terminal terminal, string protocol, string encoder, JsonObject result)
    {
        string[] columns = [.. result.Select(r => r.Key).Where(IsColumn)];
        terminal.Table(["encoder", .. columns], [[encoder, .. columns.Select(key => Text(result[key]) + Interval(result, key))]]);
        Keep(arguments, encoders, terminal, protocol, result);
    }

    /// <summary>Gives a result as JSON where that was asked for, and files it in the run where the encoder is a run's.</summary>
    internal static void Keep(ParseResult arguments, EncoderOptions encoders, Terminal terminal, string protocol, JsonObject result)
    {
        if (encoders.RunPath(arguments) is { } run && Directory.Exists(Path.Combine(run, "eval")))
        {
            File.WriteAllText(Path.Combine(run, "eval", $"{protocol}.json"), result.ToJsonString() + "\n");
        }
        terminal.Result(result);
    }

    /// <summary>Intervals stand beside their number; a path has a line of its own.</summary>
    private static bool IsColumn(string key) =>
        !key.EndsWith(Low, StringComparison.Ordinal) && !key.EndsWith(High, StringComparison.Ordinal) && key != "out";

    private static string Interval(JsonObject result, string key) =>
        result.ContainsKey(key + Low) ? $" ({Text(result[key + Low])}-{Text(result[key + High])})" : "";

    private static string Text(JsonNode? value) => value is JsonValue one && one.TryGetValue(out double number)
        ? number.ToString(number is > 0 and < 1e-3 ? "0.##e0" : "0.####", CultureInfo.InvariantCulture)
        : $"{value}";

    private int[] Samples(ParseResult arguments, EncoderOptions encoders, Dataset train)
    {
        int[] labels = [.. Enumerable.Range(0, train.Count).Select(train.LabelOf)];
        double share = Share(arguments.GetValue(_labels)!);
        if (arguments.GetValue(_labelList) is not { } list)
        {
            return LabelSplit.ByShare(labels, share, encoders.Seed(arguments));
        }
        if (share < 1)
        {
            throw new ConfigurationException("--labels and --label-list exclude each other; give one of them.");
        }
        int[] samples = LabelSplit.FromFile(list, [.. Enumerable.Range(0, train.Count).Select(train.NameOf)]);
        int unlabelled = Array.FindIndex(samples, i => labels[i] == Dataset.NoLabel);
        return unlabelled < 0 ? samples : throw new UnusableDataException(
            $"'{list}' names '{train.NameOf(samples[unlabelled])}', which has no label; name labelled samples.");
    }

    /// <summary>A share of the labels such as 10%.</summary>
    internal static double Share(string text) =>
        text.EndsWith('%') && double.TryParse(text[..^1], NumberStyles.Float, CultureInfo.InvariantCulture, out double percent) && percent is > 0 and <= 100
            ? percent / 100
            : throw new ConfigurationException($"--labels {text} is no share; write for example 1%, 10% or 100%.");

    private static T OpenLabelled<T>(string path, Func<string, T> open) where T : Dataset
    {
        var data = open(path);
        try
        {
            data.RequireClasses(path);
            return data;
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }
}

/// <summary>An encoder with the data that it is evaluated on.</summary>
/// <param name="Encoder">The encoder.</param>
/// <param name="Train">Training data.</param>
/// <param name="Samples">The training samples whose labels may be used.</param>
/// <param name="Test">Test data, its classes numbered as those of the training data.</param>
internal sealed record LabelledData(Encoder Encoder, Dataset Train, IReadOnlyList<int> Samples, Dataset Test) : IDisposable
{
    /// <inheritdoc />
    public void Dispose()
    {
        Train.Dispose();
        Test.Dispose();
    }
}
