using System.CommandLine;
using System.Text.Json.Nodes;
using ByolSharp.Evaluation;
using ByolSharp.Export;
using ByolSharp.Text;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol finetune --run RUN --train DIR --test DIR</c>.</summary>
internal static class FineTuneCommand
{
    private const string FileName = "classifier.safetensors";
    private static readonly EncoderOptions Encoders = new();
    private static readonly EvaluationData Data = new();
    private static readonly Option<string> Protocol = new Option<string>("--protocol")
    {
        Description = "quick: 300 steps of 64, for small data and CPUs. semi-supervised: the paper's for 1% and 10% of the labels, 10 settings. "
            + "transfer: the paper's for other data, 20,000 steps, 56 settings.",
        DefaultValueFactory = _ => "quick",
    }.AcceptOnlyFromAmong("quick", "semi-supervised", "transfer");

    private static readonly Option<long?> Steps = new("--steps") { Description = "Length in steps, instead of the protocol's." };
    private static readonly Option<double?> Epochs = new("--epochs") { Description = "Length in passes over the labelled data, instead of the protocol's." };
    private static readonly Option<int?> BatchSize = new("--batch-size") { Description = "Samples a step." };
    private static readonly Option<double?> LearningRate = new("--learning-rate") { Description = "Peak learning rate, instead of a search." };
    private static readonly Option<double?> WeightDecay = new("--weight-decay") { Description = "Weight decay before its division by the learning rate, instead of a search." };
    private static readonly Option<string?> Out = new("--out", "-o") { Description = $"Write encoder and linear layer to {FileName} in this folder.", HelpName = "DIR" };

    internal static Command Create()
    {
        var command = new Command("finetune", "Train an encoder and a linear layer on labelled data, all weights moving.");
        Encoders.AddTo(command, Baselines.Random);
        Data.AddTo(command);
        foreach (Option option in (Option[])[Protocol, Steps, Epochs, BatchSize, LearningRate, WeightDecay, Out])
        {
            command.Options.Add(option);
        }
        return command.Does(Run);
    }

    private static int Run(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        Options(arguments, FineTuneOptions.Quick).Validate(); // before data are looked at
        string? file = OutputFile(arguments);
        using var data = Data.Open(arguments, Encoders);
        var options = Options(arguments, data.Train is TextDataset ? FineTuneOptions.QuickTexts : FineTuneOptions.Quick);
        var train = data.Encoder.TrainingSource(data.Train);
        var result = terminal.Count("fine-tune", progress => FineTuning.Run(
            data.Encoder.Backbone, train, data.Samples, data.Encoder.Source(data.Test), options, new Lines(terminal, progress), cancellation));
        Encoder.ReportUnreadable(terminal, train.Quarantine.Entries, data.Train.Count);
        if (file is not null)
        {
            ClassifierFile.Save(file, data.Encoder.Backbone, data.Encoder.Options, data.Encoder.Metadata, result.Classifier);
            terminal.Line($"fine-tuned encoder and linear layer: {file}");
        }
        EvaluationData.Report(arguments, Encoders, terminal, "finetune", data.Encoder.Name, Describe(arguments, result, file));
        return 0;
    }

    private static FineTuneOptions Options(ParseResult arguments, FineTuneOptions quick)
    {
        var protocol = arguments.GetValue(Protocol) switch
        {
            "transfer" => FineTuneOptions.Transfer,
            "semi-supervised" => FineTuneOptions.SemiSupervised,
            _ => quick,
        };
        if (arguments.GetValue(Steps) is not null && arguments.GetValue(Epochs) is not null)
        {
            throw new ConfigurationException("--steps and --epochs exclude each other; give one of them.");
        }
        Duration? length = arguments.GetValue(Steps) is { } steps ? Duration.OfSteps(steps)
            : arguments.GetValue(Epochs) is { } epochs ? Duration.OfEpochs(epochs) : null;
        return protocol with
        {
            LearningRates = arguments.GetValue(LearningRate) is { } rate ? [rate] : protocol.LearningRates,
            WeightDecays = arguments.GetValue(WeightDecay) is { } decay ? [decay] : protocol.WeightDecays,
            Lengths = length is { } given ? [given] : protocol.Lengths,
            BatchSize = arguments.GetValue(BatchSize) ?? protocol.BatchSize,
            Seed = Encoders.Seed(arguments),
        };
    }

    /// <summary>Where the result goes; asked for before the work that is to be kept there.</summary>
    private static string? OutputFile(ParseResult arguments)
    {
        if (arguments.GetValue(Out) is not { } folder)
        {
            return null;
        }
        string file = Path.Combine(folder, FileName);
        if (File.Exists(file))
        {
            throw new ConfigurationException($"{file} is there already; name another folder with --out, or delete it.");
        }
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"the folder {folder} cannot be made ({e.Message}); name another one with --out.", e);
        }
        return file;
    }

    private static JsonObject Describe(ParseResult arguments, FineTuneResult result, string? file)
    {
        var described = EvaluationData.Accuracies(result);
        described["labels"] = Data.Labels(arguments);
        described["protocol"] = arguments.GetValue(Protocol);
        described["lr"] = result.Setting.LearningRate;
        described["wd"] = result.Setting.WeightDecay;
        described["steps"] = result.Steps;
        if (file is not null)
        {
            described["out"] = file;
        }
        return described;
    }

    /// <summary>Counts the steps of the present training, and says what each setting reached.</summary>
    private sealed class Lines(Terminal terminal, IProgress<(int Done, int Total)> count) : IProgress<FineTuneProgress>
    {
        public void Report(FineTuneProgress value)
        {
            count.Report(((int)value.Step, (int)value.Steps));
            if (value.Finished is var (setting, top1))
            {
                string what = FormattableString.Invariant($"lr {setting.LearningRate:0.#####} wd {setting.WeightDecay:0.#######} {setting.Length}");
                string reached = top1 is null ? "diverged" : FormattableString.Invariant($"held-out top-1 {top1:0.0%}");
                terminal.Line($"{value.Training} of {value.Trainings}: {what}: {reached}");
            }
        }
    }
}
