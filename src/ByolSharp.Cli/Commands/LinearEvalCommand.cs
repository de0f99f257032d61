using System.CommandLine;
using System.Text.Json.Nodes;
using ByolSharp.Distributed;
using ByolSharp.Evaluation;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol linear-eval --run RUN --train DIR --test DIR</c>.</summary>
internal static class LinearEvalCommand
{
    private const string Quick = "sgd", ImageNet = "imagenet", Regularised = "imagenet-regularised", Transfer = "transfer", Logistic = "logistic", MultiLabel = "multi-label";
    private static readonly EncoderOptions Encoders = new();
    private static readonly EvaluationData Data = new();
    private static readonly Option<string> Protocol = new Option<string>("--protocol")
    {
        Description = "sgd: the paper's linear classifier and sweep of rates on representations computed once. imagenet: the same with random crops "
            + "and flips, as published. imagenet-regularised: with clipped logits. transfer (or logistic): L2-regularised regression by L-BFGS. multi-label: the same for lists with several classes an image, 11-point mAP.",
        DefaultValueFactory = _ => Quick,
    }.AcceptOnlyFromAmong(Quick, ImageNet, Regularised, Transfer, Logistic, MultiLabel);

    private static readonly Option<int> Epochs = new("--epochs") { Description = "Passes over the training data (all but transfer).", DefaultValueFactory = _ => new LinearEvalOptions().Epochs };
    private static readonly Option<bool> Standardize = new("--standardize") { Description = "Scale each feature to mean 0 and deviation 1 first (sgd); the paper does not." };

    internal static Command Create()
    {
        var command = new Command("linear-eval", "Train a linear classifier on frozen representations; settings are chosen on held-out training data.");
        Encoders.AddTo(command, Baselines.All);
        Data.AddTo(command);
        command.Options.Add(Protocol);
        command.Options.Add(Epochs);
        command.Options.Add(Standardize);
        return command.Does(Run);
    }

    private static int Run(ParseResult arguments, Terminal terminal, CancellationToken cancellation) =>
        ReplicaJob.Run(arguments, terminal, (replicas, spoken) => Run(arguments, spoken, replicas, cancellation));

    private static int Run(ParseResult arguments, Terminal terminal, IReplicas replicas, CancellationToken cancellation)
    {
        string protocol = arguments.GetValue(Protocol)!;
        var (encoder, result) = protocol switch
        {
            ImageNet or Regularised when replicas.Count > 1 => throw new ConfigurationException($"--protocol {protocol} trains on views in one process: leave out mpirun, or take --protocol sgd or transfer."),
            ImageNet or Regularised => OnViews(arguments, terminal, protocol, cancellation),
            MultiLabel => OnLists(arguments, terminal, replicas, cancellation),
            _ => OnFeatures(arguments, terminal, protocol, replicas, cancellation),
        };
        result["labels"] = Data.Labels(arguments);
        if (replicas.IsFirst())
        {
            EvaluationData.Report(arguments, Encoders, terminal, "linear-eval", encoder, result);
        }
        return 0;
    }

    private static (string Encoder, JsonObject Result) OnViews(ParseResult arguments, Terminal terminal, string protocol, CancellationToken cancellation)
    {
        using var data = Data.Open(arguments, Encoders);
        var train = data.Encoder.TrainingSource(data.Train);
        var options = Options(arguments, protocol == Regularised ? LinearEvalOptions.Regularised : new());
        var result = terminal.Count("fit", progress => LinearEval.Evaluate(
            data.Encoder.Backbone, train, data.Samples, data.Encoder.Source(data.Test), options, new Stages(progress), cancellation));
        Encoder.ReportUnreadable(terminal, train.Quarantine.Entries, data.Train.Count);
        return (data.Encoder.Name, Describe(result, protocol));
    }

    private static (string Encoder, JsonObject Result) OnFeatures(ParseResult arguments, Terminal terminal, string protocol, IReplicas replicas, CancellationToken cancellation)
    {
        var (encoder, train, test) = Data.Extract(arguments, Encoders, terminal, replicas, cancellation);
        return (encoder, protocol == Quick
            ? Sgd(arguments, terminal, train, test, cancellation)
            : LogisticSweep(arguments, terminal, protocol, train, test, cancellation));
    }

    private static (string Encoder, JsonObject Result) OnLists(ParseResult arguments, Terminal terminal, IReplicas replicas, CancellationToken cancellation)
    {
        var (encoder, train, test) = Data.ExtractMultiLabel(arguments, Encoders, terminal, replicas, cancellation);
        var result = MultiLabelRegression.Evaluate(train, test, new() { Seed = Encoders.Seed(arguments) }, cancellation);
        terminal.Table(["class", "average precision"], test.ClassNames.Zip(result.PerClass, (name, ap) => new[] { name, ap is { } value ? $"{value:0.000}" : "-" }));
        return (encoder, new()
        {
            ["map"] = result.Map,
            ["map_low"] = result.Interval.Low,
            ["map_high"] = result.Interval.High,
            ["n_train"] = result.NTrain,
            ["n_test"] = result.NTest,
            ["lambda"] = result.Lambda,
            ["protocol"] = MultiLabel,
        });
    }

    private static JsonObject Sgd(ParseResult arguments, Terminal terminal, FeatureSet train, FeatureSet test, CancellationToken cancellation)
    {
        var options = Options(arguments, new());
        var result = terminal.Count("fit", progress => LinearEval.Evaluate(train, test, options, new Stages(progress), cancellation));
        if (result.NTrain <= options.BatchSize)
        {
            terminal.Line($"All {result.NTrain} training samples make one step, so {options.Epochs} epochs are {options.Epochs} steps: few for a protocol made for ImageNet. --protocol transfer is the paper's for small data sets.");
        }
        return Describe(result, options.Standardize ? "sgd, standardized" : Quick);
    }

    private static JsonObject LogisticSweep(ParseResult arguments, Terminal terminal, string protocol, FeatureSet train, FeatureSet test, CancellationToken cancellation)
    {
        var result = terminal.Count("fit", progress => LogisticRegression.Evaluate(
            train, test, options: new() { Seed = Encoders.Seed(arguments) }, progress: progress, cancellation: cancellation));
        var described = EvaluationData.Accuracies(result);
        described["lambda"] = result.Lambda;
        described["protocol"] = protocol;
        return described;
    }

    private static LinearEvalOptions Options(ParseResult arguments, LinearEvalOptions protocol) => protocol with
    {
        Epochs = arguments.GetValue(Epochs),
        Standardize = arguments.GetValue(Standardize),
        Seed = Encoders.Seed(arguments),
    };

    private static JsonObject Describe(LinearEvalResult result, string protocol)
    {
        var described = EvaluationData.Accuracies(result);
        described["lr"] = result.Lr;
        described["protocol"] = protocol;
        return described;
    }

    private sealed class Stages(IProgress<(int Done, int Total)> progress) : IProgress<LinearEvalProgress>
    {
        public void Report(LinearEvalProgress value) => progress.Report(((int)value.Step, (int)value.Steps));
    }
}
