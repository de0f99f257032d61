using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ByolSharp.Distributed;
using ByolSharp.Training;
using ByolSharp.Tuning;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol pretrain DATA --out RUN</c>.</summary>
internal static class PretrainCommand
{
    private static readonly Argument<string> Data = new("DATA") { Description = "Image folder, file list (.txt, .csv), tar shards, CIFAR binary folder or IDX file, or s3://BUCKET/PREFIX with one of them; videos and texts with their presets." };
    private static readonly Option<string> Out = new("--out", "-o") { Description = "The run directory.", Required = true, HelpName = "RUN" };
    private static readonly Option<string?> PresetName = new("--preset", "-p") { Description = $"The recipe to start from; byol presets lists them. Default: {Presets.Default}." };
    private static readonly Option<string?> Config = new("--config") { Description = "A JSON file with options, over the preset.", HelpName = "FILE" };
    private static readonly Option<string?> Backbone = new("--backbone") { Description = "The network, for example resnet18 (backbone.name)." };
    private static readonly Option<int?> ImageSize = new("--image-size") { Description = "Side of the views in pixels (data.imageSize)." };
    private static readonly Option<string?> BatchSize = new("--batch-size") { Description = "Samples a step (trainer.batchSize), or auto for what fits in memory.", HelpName = "N|auto" };
    private static readonly Option<bool> RescaleTau = new("--rescale-tau") { Description = "Rescale tau from the recipe's batch size to this run's (Busbridge et al. 2023)." };
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
    private static readonly Option<string?> Quarantine = new("--quarantine") { Description = "Leave out the images that this list of byol doctor names (data.quarantine).", HelpName = "FILE" };
    private static readonly Option<string?> OnCollapse = new("--on-collapse") { Description = "What to do on a collapse: warn or stop." };
    private static readonly TextColumns Columns = new();
    private static readonly Option<string[]> Set = new("--set") { Description = "Any option, for example --set byol.baseTargetEma=0.99; repeatable.", HelpName = "KEY=VALUE" };

    internal static Command Create()
    {
        var command = CreateWithoutTexts();
        Columns.AddTo(command);
        return command.Does(Run);
    }

    private static Command CreateWithoutTexts() => new("pretrain", "Pre-train an encoder on unlabelled data.")
    {
        Data, Out, PresetName, Config, Backbone, ImageSize, BatchSize, RescaleTau, Epochs, Steps, Time, Seed, EvalTrain, EvalTest, Resume, Overwrite, InitFrom,
        Device, Workers, Cache, Quarantine, OnCollapse, Backup.Place, ClosingReport.Without, Set,
    };

    private static int Run(ParseResult arguments, Terminal terminal, CancellationToken cancellation) =>
        ReplicaJob.Run(arguments, Settings.Apply(new RunOptions(), [], arguments.GetValue(Set)).Replicas, replicas => replicas.IsFirst()
            ? RunFirst(arguments, terminal, replicas, cancellation)
            : RunOther(replicas, cancellation));

    /// <summary>A replica that neither prints nor writes, with the options that the first one found.</summary>
    private static int RunOther(IReplicas replicas, CancellationToken cancellation)
    {
        var options = OptionsJson.Read(new RunOptions(), replicas.Broadcast(""), "the first replica");
        return Pretraining.Run(options, run: null, replicas: replicas, cancellation: cancellation).Interrupted ? CommandRunner.Interrupted : 0;
    }

    private static int RunFirst(ParseResult arguments, Terminal terminal, IReplicas replicas, CancellationToken cancellation)
    {
        var existing = ExistingRuns.Of(arguments, Resume, Overwrite);
        string path = arguments.GetRequiredValue(Out);
        using var backup = Backup.Open(arguments, terminal);
        if (existing == ExistingRun.Resume)
        {
            backup?.Restore(path, cancellation);
        }
        bool goesOn = existing == ExistingRun.Resume && File.Exists(Path.Combine(path, "config.json"));
        var start = StartingOptions(arguments, path, goesOn);
        var options = Settings.Apply(start, Flags(arguments), arguments.GetValue(Set));
        options.Validate();
        using var run = RunDirectory.Open(path, existing);
        backup?.Begin(run, existing, cancellation);
        var result = Train(arguments, terminal, run, backup, cancellation, observer =>
        {
            observer = backup?.Observe(observer) ?? observer;
            options = goesOn ? options : Fitted(arguments, options, start.Trainer.BatchSize, replicas, observer, cancellation);
            _ = replicas.Broadcast(OptionsJson.Write(options));
            return Pretraining.Run(options, run, observer: observer, replicas: replicas, cancellation: cancellation);
        });
        terminal.Line(result.Interrupted
            ? $"interrupted after step {result.Step:N0} of {result.TotalSteps:N0}; the checkpoint is saved, go on with --resume."
            : $"done: {result.Step:N0} steps, loss {result.Loss:0.0000}, {result.Verdict}{Knn(result)}. Encoder: {run.Encoder}{Best(result, run)}");
        backup?.Finish();
        ClosingReport.Write(arguments, terminal, run, cancellation);
        terminal.Result(Describe(result, run, backup));
        return result.Interrupted ? CommandRunner.Interrupted : 0;
    }

    /// <summary>A training that was stopped leaves a report too: it is then that one is wanted most.</summary>
    private static TrainResult Train(
        ParseResult arguments, Terminal terminal, RunDirectory run, Backup? backup, CancellationToken cancellation, Func<ITrainingObserver, TrainResult> training)
    {
        try
        {
            return terminal.Train(training);
        }
        catch (TrainingStoppedException)
        {
            backup?.Finish();
            ClosingReport.Write(arguments, terminal, run, cancellation);
            throw;
        }
    }

    /// <summary>A run that goes on starts from its own options; a new one from the preset and the JSON file.</summary>
    private static RunOptions StartingOptions(ParseResult arguments, string path, bool goesOn)
    {
        if (goesOn)
        {
            string saved = Path.Combine(path, "config.json");
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
        IsAuto(arguments) ? null : Settings.Of("trainer.batchSize", Number(arguments.GetValue(BatchSize))),
        Length(arguments),
        Settings.Of("seed", arguments.GetValue(Seed)),
        Settings.Of("data.evalTrain", arguments.GetValue(EvalTrain)),
        Settings.Of("data.evalTest", arguments.GetValue(EvalTest)),
        Settings.Of("initFrom", arguments.GetValue(InitFrom)),
        Settings.Of("device", arguments.GetValue(Device)),
        Settings.Of("data.workers", arguments.GetValue(Workers)),
        Settings.Of("data.cacheFolder", arguments.GetValue(Cache)),
        Settings.Of("data.quarantine", arguments.GetValue(Quarantine)),
        Settings.Of("trainer.onCollapse", arguments.GetValue(OnCollapse)),
        .. Columns.SettingsOf(arguments, "text."),
    ];

    private static bool IsAuto(ParseResult arguments) => arguments.GetValue(BatchSize) == "auto";

    private static int? Number(string? text) => text is null ? null
        : int.TryParse(text, CultureInfo.InvariantCulture, out int number) ? number
        : throw new ConfigurationException($"--batch-size {text} does not work; give a whole number, or auto for what fits in memory.");

    /// <summary>The batch size that fits where it is wanted, and tau rescaled to it where that is wanted.</summary>
    private static RunOptions Fitted(
        ParseResult arguments, RunOptions options, int recipeBatch, IReplicas replicas, ITrainingObserver observer, CancellationToken cancellation)
    {
        if (IsAuto(arguments))
        {
            if (replicas.Count > 1)
            {
                throw new ConfigurationException("--batch-size auto measures one process; with several replicas give the number of samples over all of them.");
            }
            options = BatchSizeSearch.Resolve(options, observer, cancellation);
        }
        int batch = options.Trainer.BatchSize;
        double tau = options.Byol.BaseTargetEma, rescaled = TargetDecay.ForBatch(tau, recipeBatch, batch);
        bool applies = arguments.GetValue(RescaleTau) && batch != recipeBatch;
        if (applies || IsAuto(arguments))
        {
            observer.OnMessage(applies
                ? $"tau {tau} of batch {recipeBatch:N0} becomes {rescaled:0.######} for batch {batch:N0}"
                : $"tau stays {tau}, chosen for batch {recipeBatch:N0}; --rescale-tau would make it {rescaled:0.######}");
        }
        return applies ? options with { Byol = options.Byol with { BaseTargetEma = rescaled } } : options;
    }

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

    /// <summary>Where a better encoder lies, if the last one is not the best.</summary>
    private static string Best(TrainResult result, RunDirectory run) => result.Best is { } best && best.Step < result.Step
        ? $"; best by {best.By}: step {best.Step:N0}, {Path.Combine(run.Checkpoints, "best")}"
        : "";

    private static JsonObject Describe(TrainResult result, RunDirectory run, Backup? backup) => new()
    {
        ["run"] = run.Path,
        ["step"] = result.Step,
        ["total_steps"] = result.TotalSteps,
        ["interrupted"] = result.Interrupted,
        ["stopped_early"] = result.StoppedEarly,
        ["loss"] = double.IsFinite(result.Loss) ? result.Loss : null,
        ["verdict"] = result.Verdict.State.ToString(),
        ["knn_top1"] = result.KnnTop1,
        ["best_step"] = result.Best?.Step,
        ["best_by"] = result.Best?.By.ToString(),
        ["best_score"] = result.Best?.Score,
        ["samples_per_second"] = result.SamplesPerSecond,
        ["data_wait"] = result.DataWait,
        ["backup_step"] = backup?.Step,
    };
}
