using System.CommandLine;
using System.Globalization;
using ByolSharp.Evaluation;
using ByolSharp.Evaluation.FewLabels;
using ByolSharp.Sources;
using ByolSharp.Text;
using ByolSharp.Training;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol worth --run RUN --train DIR --test DIR</c>: was pre-training worth it?</summary>
internal static class WorthCommand
{
    private const string AsPretraining = "run";
    private static readonly EvaluationData Data = new();
    private static readonly Option<string[]> Runs = new("--run")
    {
        Description = "The encoder of a run directory, or an encoder file; several, one for each seed.",
        HelpName = "RUN",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string?> Imported = new("--imported") { Description = "An encoder pre-trained elsewhere, to compare with (safetensors).", HelpName = "FILE" };
    private static readonly Option<string?> ImportedBackbone = new("--imported-backbone") { Description = "Its backbone's name, where the file does not say it.", HelpName = "BACKBONE" };
    private static readonly Option<int?> ImageSize = new("--image-size") { Description = "Side of the views in pixels; default: as trained." };
    private static readonly Option<string> Labels = new("--labels") { Description = "Shares of the training labels, class-balanced.", DefaultValueFactory = _ => "1%,10%,100%" };
    private static readonly Option<int> Seeds = new("--seeds") { Description = "Repetitions with other labels, first weights and order.", DefaultValueFactory = _ => 3 };
    private static readonly Option<long> Steps = new("--steps") { Description = "Length of each training on labels: fine-tuning, and from scratch.", DefaultValueFactory = _ => (long)FineTuneOptions.Quick.Lengths[0].Value };
    private static readonly Option<string?> ScratchSteps = new("--scratch-steps")
    {
        Description = $"Also train from scratch for so many steps; '{AsPretraining}': until as many samples are seen as the first run saw.",
        HelpName = $"N|{AsPretraining}",
    };

    private static readonly Option<string?> Out = new("--out", "-o") { Description = "Where finished cells are kept and found again; default: eval/worth in the first run.", HelpName = "DIR" };

    internal static Command Create()
    {
        var command = new Command("worth", "Was it worth it? The encoder beside pixels (of texts: words), a random encoder and training from scratch, with few labels and many.");
        command.Options.Add(Runs);
        Data.AddTo(command, withLabels: false);
        foreach (Option option in (Option[])[Labels, Seeds, Steps, ScratchSteps, Imported, ImportedBackbone, ImageSize, Out])
        {
            command.Options.Add(option);
        }
        return command.Does(Run);
    }

    private static int Run(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        TorchRuntime.Initialize();
        var options = new LadderOptions
        {
            Shares = [.. arguments.GetValue(Labels)!.Split(',').Select(share => EvaluationData.Share(share.Trim()))],
            Seeds = arguments.GetValue(Seeds),
        };
        options.Validate();
        var training = TrainingOf(arguments.GetValue(Steps));
        long? scratchSteps = ScratchStepsOf(arguments, training);
        string[] runs = arguments.GetValue(Runs)!;
        var (train, test) = Data.OpenSets(arguments, (path, classNames) => EncoderOptions.OpenData(runs[0], path, classNames));
        using (train)
        using (test)
        {
            training = train is TextDataset ? training with { LearningRates = FineTuneOptions.QuickTexts.LearningRates } : training;
            var rungs = new WorthRungs(runs, train, test)
            {
                Training = training,
                ScratchSteps = scratchSteps,
                ImageSize = arguments.GetValue(ImageSize),
                Imported = arguments.GetValue(Imported) is { } file ? (file, arguments.GetValue(ImportedBackbone)) : null,
            }.All();
            string folder = arguments.GetValue(Out) ?? DefaultFolder(runs[0]);
            var report = Climb(terminal, new Ladder(rungs, LabelsOf(train), DataIdentity(train, test), options), rungs, folder, cancellation);
            Print(terminal, rungs, report);
            var result = WorthJson.Of(rungs, report, options);
            result["steps"] = training.Lengths[0].Value;
            result["scratch_steps"] = scratchSteps;
            result["out"] = folder;
            terminal.Result(result);
        }
        return 0;
    }

    private static LadderReport Climb(Terminal terminal, Ladder ladder, IReadOnlyList<LadderRung> rungs, string folder, CancellationToken cancellation)
    {
        var store = new LadderStore(folder);
        try
        {
            return terminal.Count("ladder", progress => ladder.Run(store, new Lines(terminal, rungs, progress), cancellation));
        }
        catch (OperationCanceledException)
        {
            terminal.Line($"finished cells are kept in {folder}; the same command goes on from there");
            throw;
        }
    }

    private static void Print(Terminal terminal, IReadOnlyList<LadderRung> rungs, LadderReport report)
    {
        LadderScore[] first = [.. report.Scores.Where(score => score.Rung == rungs[0].Key)];
        terminal.Table(
            ["top-1", .. first.Select(score => string.Create(CultureInfo.InvariantCulture, $"{100 * score.Share:0.####}% ({score.LabelCount:N0} labels)"))],
            rungs.Select(rung => (string[])[rung.Name, .. report.Scores.Where(score => score.Rung == rung.Key).Select(Text)]));
        foreach (var gain in report.Gains)
        {
            terminal.Line(string.Create(CultureInfo.InvariantCulture,
                $"gain over training from scratch with {100 * gain.Share:0.####}%: {100 * gain.Top1:0.0} points ({100 * gain.Interval.Low:0.0} to {100 * gain.Interval.High:0.0})"));
        }
        terminal.Line(report.Sentence);
    }

    private static string Text(LadderScore score) => string.Create(CultureInfo.InvariantCulture,
        $"{100 * score.Mean:0.0}{(score.Spread is { } spread ? $" ± {100 * spread:0.0}" : "")} ({100 * score.Interval.Low:0.0}-{100 * score.Interval.High:0.0})");

    private static FineTuneOptions TrainingOf(long steps)
    {
        var training = FineTuneOptions.Quick with { Lengths = [Duration.OfSteps(steps)] };
        training.Validate();
        return training;
    }

    private static long? ScratchStepsOf(ParseResult arguments, FineTuneOptions training)
    {
        string? given = arguments.GetValue(ScratchSteps);
        if (given is null)
        {
            return null;
        }
        if (given == AsPretraining)
        {
            return Math.Max(1, SamplesSeen(arguments.GetValue(Runs)![0]) / training.BatchSize);
        }
        return long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out long steps) && steps > 0
            ? steps
            : throw new ConfigurationException($"--scratch-steps {given} does not work; give a number of steps, or {AsPretraining}.");
    }

    private static long SamplesSeen(string run)
    {
        string metrics = Path.Combine(run, "metrics.jsonl");
        double samples = RunMetrics.Read(metrics).Samples;
        return samples > 0 ? (long)samples : throw new ConfigurationException($"{metrics} does not say how many samples the run saw; give --scratch-steps a number.");
    }

    private static string DefaultFolder(string run) => Directory.Exists(run) ? Path.Combine(run, "eval", "worth") : "byol-worth";

    private static int[] LabelsOf(Dataset data) => [.. Enumerable.Range(0, data.Count).Select(data.LabelOf)];

    private static string DataIdentity(Dataset train, Dataset test) => $"{DataFingerprint.Of(train)} {DataFingerprint.Of(test)}";

    /// <summary>Counts steps, and says what each cell reached.</summary>
    private sealed class Lines(Terminal terminal, IReadOnlyList<LadderRung> rungs, IProgress<(int Done, int Total)> count) : IProgress<LadderProgress>
    {
        public void Report(LadderProgress value)
        {
            count.Report((value.Step, value.Steps));
            if (value.Finished is { } cell)
            {
                string name = rungs.First(rung => rung.Key == cell.Rung).Name;
                terminal.Line(string.Create(CultureInfo.InvariantCulture,
                    $"{name}, {100 * cell.Share:0.####}% of the labels, seed {cell.Seed}: {cell.Top1:0.0%} ({cell.Seconds:0} s)"));
            }
        }
    }
}
