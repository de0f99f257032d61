using System.CommandLine;
using System.Text.Json.Nodes;
using ByolSharp.Training;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol pretrain DATA --out RUN</c>.</summary>
internal static class PretrainCommand
{
    private static readonly Argument<string> Data = new("DATA") { Description = "Image folder, file list (.txt, .csv), tar shards, CIFAR binary folder or IDX file." };
    private static readonly Option<string> Out = new("--out", "-o") { Description = "The run directory.", Required = true, HelpName = "RUN" };
    private static readonly Option<string?> PresetName = new("--preset", "-p") { Description = $"The recipe to start from; byol presets lists them. Default: {Presets.Default}." };
    private static readonly Option<string?> Config = new("--config") { Description = "A JSON file with options, over the preset.", HelpName = "FILE" };
    private static readonly Option<string?> Backbone = new("--backbone") { Description = "The network, for example resnet18 (backbone.name)." };
    private static readonly Option<int?> ImageSize = new("--image-size") { Description = "Side of the views in pixels (data.imageSize)." };
    private static readonly Option<int?> BatchSize = new("--batch-size") { Description = "Samples a step (trainer.batchSize)." };
    private static readonly Option<double?> Epochs = new("--epochs") { Description = "Length in passes over the data." };
    private static readonly Option<long?> Steps = new("--steps") { Description = "Length in steps." };
    private static readonly Option<string?> Time = new("--time") { Description = "Length in wall-clock time, for example 20m or 8h." };
    private static readonly Option<long?> Seed = new("--seed") { Description = "Seed of weights, sample order and views." };
    private static readonly Option<string?> EvalTrain = new("--eval-train") { Description = "Labelled data that the online kNN votes with.", HelpName = "DIR" };
    private static readonly Option<string?> EvalTest = new("--eval-test") { Description = "Labelled data that the online kNN classifies.", HelpName = "DIR" };
    private static readonly Option<bool> Resume = new("--resume") { Description = "Go on from the newest checkpoint of the run." };
    private static readonly Option<bool> Overwrite = new("--overwrite") { Description = "Delete the run that is there." };
    private static readonly Option<string?> InitFrom = new("--init-from") { Description = "Start from the encoder of a run, a safetensors file or PyTorch weights (.pth).", HelpName = "RUN|FILE" };
    private static readonly Option<string?> Device = new("--device") { Description = "cpu, cuda or cuda:N." };
    private static readonly Option<int?> Workers = new("--workers") { Description = "Data threads (data.workers)." };
    private static readonly Option<string?> Cache = new("--cache") { Description = "Keep decoded images in this folder, for later epochs and runs (data.cacheFolder).", HelpName = "DIR" };
    private static readonly Option<string?> OnCollapse = new("--on-collapse") { Description = "What to do on a collapse: warn or stop." };
    private static readonly Option<string[]> Set = new("--set") { Description = "Any option, for example --set byol.baseTargetEma=0.99; repeatable.", HelpName = "KEY=VALUE" };

    internal static Command Create() => new Command("pretrain", "Pre-train an encoder on unlabelled data.")
    {
        Data, Out, PresetName, Config, Backbone, ImageSize, BatchSize, Epochs, Steps, Time, Seed, EvalTrain, EvalTest, Resume, Overwrite, InitFrom,
        Device, Workers, Cache, OnCollapse, Set,
    }.Does(Run);

    private static int Run(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        bool resume = arguments.GetValue(Resume);
        if (resume && arguments.GetValue(Overwrite))
        {
            throw new ConfigurationException("--resume and --overwrite exclude each other; give one of them.");
        }
        string path = arguments.GetRequiredValue(Out);
        var options = Settings.Apply(StartingOptions(arguments, path, resume), Flags(arguments), arguments.GetValue(Set));
        options.Validate();
        using var run = RunDirectory.Open(
            path, resume ? ExistingRun.Resume : arguments.GetValue(Overwrite) ? ExistingRun.Overwrite : ExistingRun.Refuse);
        var result = terminal.Train(observer => Pretraining.Run(options, run, observer: observer, cancellation: cancellation));
        terminal.Line(result.Interrupted
            ? $"interrupted after step {result.Step:N0} of {result.TotalSteps:N0}; the checkpoint is saved, go on with --resume."
            : $"done: {result.Step:N0} steps, loss {result.Loss:0.0000}, {result.Verdict}{Knn(result)}. Encoder: {run.Encoder}");
        terminal.Result(Describe(result, run));
        return result.Interrupted ? CommandRunner.Interrupted : 0;
    }

    /// <summary>A run that goes on starts from its own options; a new one from the preset and the JSON file.</summary>
    private static RunOptions StartingOptions(ParseResult arguments, string path, bool resume)
    {
        string saved = Path.Combine(path, "config.json");
        if (resume && File.Exists(saved))
        {
            return OptionsJson.Read(new RunOptions(), File.ReadAllText(saved), saved);
        }
        var options = Presets.Get(arguments.GetValue(PresetName) ?? Presets.Default);
        return arguments.GetValue(Config) is { } file ? OptionsJson.Read(options, ReadText(file), file) : options;
    }

    private static string?[] Flags(ParseResult arguments) =>
    [
        Settings.Of("data.path", arguments.GetRequiredValue(Data)),
        Settings.Of("backbone.name", arguments.GetValue(Backbone)),
        Settings.Of("data.imageSize", arguments.GetValue(ImageSize)),
        Settings.Of("trainer.batchSize", arguments.GetValue(BatchSize)),
        Length(arguments),
        Settings.Of("seed", arguments.GetValue(Seed)),
        Settings.Of("data.evalTrain", arguments.GetValue(EvalTrain)),
        Settings.Of("data.evalTest", arguments.GetValue(EvalTest)),
        Settings.Of("initFrom", arguments.GetValue(InitFrom)),
        Settings.Of("device", arguments.GetValue(Device)),
        Settings.Of("data.workers", arguments.GetValue(Workers)),
        Settings.Of("data.cacheFolder", arguments.GetValue(Cache)),
        Settings.Of("trainer.onCollapse", arguments.GetValue(OnCollapse)),
    ];

    private static string? Length(ParseResult arguments)
    {
        string?[] given =
        [
            arguments.GetValue(Epochs) is { } epochs ? Duration.OfEpochs(epochs).ToString() : null,
            arguments.GetValue(Steps) is { } steps ? Duration.OfSteps(steps).ToString() : null,
            arguments.GetValue(Time) is { } time ? Duration.Parse(time).ToString() : null,
        ];
        return given.OfType<string>().ToArray() switch
        {
            [] => null,
            [var one] => $"trainer.duration={one}",
            _ => throw new ConfigurationException("--epochs, --steps and --time exclude each other; give one of them."),
        };
    }

    private static string ReadText(string file) =>
        File.Exists(file) ? File.ReadAllText(file) : throw new ConfigurationException($"there is no file {file}; --config names a JSON file with options.");

    private static string Knn(TrainResult result) => result.KnnTop1 is { } knn ? $", online kNN top-1 {knn:0.0%}" : "";

    private static JsonObject Describe(TrainResult result, RunDirectory run) => new()
    {
        ["run"] = run.Path,
        ["step"] = result.Step,
        ["total_steps"] = result.TotalSteps,
        ["interrupted"] = result.Interrupted,
        ["loss"] = double.IsFinite(result.Loss) ? result.Loss : null,
        ["verdict"] = result.Verdict.State.ToString(),
        ["knn_top1"] = result.KnnTop1,
        ["samples_per_second"] = result.SamplesPerSecond,
        ["data_wait"] = result.DataWait,
    };
}
