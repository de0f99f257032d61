using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ByolSharp.Text;
using ByolSharp.Text.Backbones;
using ByolSharp.Text.LanguageModelling;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol lm-eval --run RUN --train TEXTS --test TEXTS</c>.</summary>
internal static class LmEvalCommand
{
    private static readonly EncoderOptions Encoders = new();
    private static readonly Option<string> Train = new("--train") { Description = "Texts to learn from; labels play no part.", Required = true, HelpName = "TEXTS" };
    private static readonly Option<string> Test = new("--test") { Description = "Texts to be scored on.", Required = true, HelpName = "TEXTS" };
    private static readonly Option<string> Head = new("--head")
    {
        Description = "frozen: a head names hidden tokens, the encoder stays as it is. finetune: the encoder learns too. causal: both learn to name the next token, seeing none behind it.",
        DefaultValueFactory = _ => "frozen",
    };

    private static readonly Option<long?> Steps = new("--steps") { Description = $"Length of each training in steps, default {new LanguageModelOptions().Length.Value}." };
    private static readonly Option<string?> Time = new("--time") { Description = "Length of each training as time, such as 2m, which is measured and becomes steps." };
    private static readonly Option<int> BatchSize = new("--batch-size") { Description = "Passages a step.", DefaultValueFactory = _ => new LanguageModelOptions().BatchSize };
    private static readonly Option<double?> LearningRate = new("--learning-rate") { Description = "Peak learning rate; default 0.003 for a frozen encoder, else 0.001." };
    private static readonly Option<bool?> Tied = new("--tied") { Description = "Score tokens by the encoder's own table; default: where the encoder learns too." };
    private static readonly Option<int> TestTexts = new("--test-texts") { Description = "Test texts that count, at most.", DefaultValueFactory = _ => new LanguageModelOptions().MostTestTexts };
    private static readonly Option<int> PseudoTexts = new("--pseudo-texts") { Description = "Test texts for the pseudo-perplexity, 0 for none.", DefaultValueFactory = _ => new LanguageModelOptions().PseudoTexts };

    internal static Command Create()
    {
        var command = new Command("lm-eval", "Use an encoder of texts for language modelling, beside the same network untrained and beside counts of tokens.") { Train, Test, Head };
        Encoders.AddTo(command, Baselines.Random);
        foreach (Option option in (Option[])[Steps, Time, BatchSize, LearningRate, Tied, TestTexts, PseudoTexts])
        {
            command.Options.Add(option);
        }
        return command.Does(Run);
    }

    private static int Run(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        var options = Options(arguments);
        options.Validate();
        using var train = Encoders.OpenTexts(arguments, arguments.GetRequiredValue(Train));
        using var test = Encoders.OpenTexts(arguments, arguments.GetRequiredValue(Test));
        var encoder = Encoders.Open(arguments, train);
        var text = encoder.Metadata.Text!;
        var opened = (BertEncoder)encoder.Backbone;
        bool isRandom = Encoders.IsRandom(arguments);
        var random = isRandom ? opened : TextBackbones.Create(encoder.Options, text.Options, options.Seed);
        var report = terminal.Stages(stages => LanguageModelEval.Evaluate(
            isRandom ? null : opened, random, text, train, test, options, new Lines(terminal, stages), cancellation));
        Encoder.ReportUnreadable(terminal, report.Skipped, report.TrainTexts + report.TestTexts + report.Skipped.Count);
        Print(terminal, report);
        EvaluationData.Keep(arguments, Encoders, terminal, $"lm-eval-{arguments.GetValue(Head)}", Describe(report, options, text));
        return 0;
    }

    private static LanguageModelOptions Options(ParseResult arguments)
    {
        var length = (arguments.GetValue(Steps), arguments.GetValue(Time)) switch
        {
            ({ } steps, null) => Duration.OfSteps(steps),
            (null, { } time) => Duration.Parse(time),
            (null, null) => new LanguageModelOptions().Length,
            _ => throw new ConfigurationException("--steps and --time exclude each other; give one of them."),
        };
        return new()
        {
            Head = HeadOf(arguments.GetValue(Head)!),
            Length = length,
            BatchSize = arguments.GetValue(BatchSize),
            LearningRate = arguments.GetValue(LearningRate),
            TieDecoder = arguments.GetValue(Tied),
            MostTestTexts = arguments.GetValue(TestTexts),
            PseudoTexts = arguments.GetValue(PseudoTexts),
            Seed = Encoders.Seed(arguments),
        };
    }

    private static LanguageHead HeadOf(string name)
    {
        string[] known = [.. Enum.GetNames<LanguageHead>().Select(head => head.ToLowerInvariant())];
        return Array.IndexOf(known, name) is >= 0 and int place ? (LanguageHead)place : throw new ConfigurationException(
            $"unknown head '{name}'; {(Suggestions.Closest(name, known) is { } close ? $"did you mean '{close}'? " : "")}Known: {string.Join(", ", known)}.");
    }

    private static void Print(Terminal terminal, LanguageModelReport report)
    {
        bool isCausal = report.Scores[0].BitsPerCharacter is not null, isPseudo = report.Scores[0].PseudoPerplexity is not null;
        terminal.Table(
            ["model", "accuracy", "perplexity", .. isCausal ? ["bits per character"] : isPseudo ? (string[])["pseudo-perplexity a word"] : []],
            report.Scores.Select(score => (string[])
            [
                score.Name,
                string.Create(CultureInfo.InvariantCulture, $"{score.Accuracy:0.0000} ({score.Interval.Low:0.0000}-{score.Interval.High:0.0000})"),
                Number(score.Perplexity),
                .. isCausal ? [Number(score.BitsPerCharacter!.Value)] : isPseudo ? (string[])[Number(score.PseudoPerplexity!.Value)] : [],
            ]));
        foreach (var gain in report.Gains)
        {
            string better = gain.Interval.Low > 0 ? "better than" : gain.Interval.High < 0 ? "worse than" : "not clearly better or worse than";
            terminal.Line(string.Create(
                CultureInfo.InvariantCulture,
                $"{Name(gain.Model)}: {better} {Name(gain.Over)} by {gain.Nats:0.000} nats a token ({gain.Interval.Low:0.000} to {gain.Interval.High:0.000}) after {report.Steps:N0} steps each."));
        }

        string Name(string key) => report.Scores.First(score => score.Key == key).Name;
    }

    private static string Number(double value) => value.ToString(value < 100 ? "0.000" : value < 1e6 ? "0.0" : "0.00e0", CultureInfo.InvariantCulture);

    private static JsonObject Describe(LanguageModelReport report, LanguageModelOptions options, TextMetadata text)
    {
        var last = report.Scores[^1];
        return new()
        {
            ["head"] = options.Head.ToString().ToLowerInvariant(),
            ["accuracy"] = last.Accuracy,
            ["accuracy_low"] = last.Interval.Low,
            ["accuracy_high"] = last.Interval.High,
            ["perplexity"] = last.Perplexity,
            ["models"] = new JsonArray([.. report.Scores.Select(Describe)]),
            ["gains"] = new JsonArray([.. report.Gains.Select(gain => new JsonObject
            {
                ["model"] = gain.Model,
                ["over"] = gain.Over,
                ["nats"] = gain.Nats,
                ["nats_low"] = gain.Interval.Low,
                ["nats_high"] = gain.Interval.High,
            })]),
            ["n_train"] = report.TrainTexts,
            ["n_test"] = report.TestTexts,
            ["train_tokens"] = report.TrainTokens,
            ["test_tokens"] = last.Tokens,
            ["vocabulary_size"] = text.Options.VocabularySize,
            ["steps"] = report.Steps,
            ["batch_size"] = options.BatchSize,
        };
    }

    private static JsonObject Describe(LanguageModelScore score) => new()
    {
        ["model"] = score.Key,
        ["accuracy"] = score.Accuracy,
        ["accuracy_low"] = score.Interval.Low,
        ["accuracy_high"] = score.Interval.High,
        ["cross_entropy"] = score.CrossEntropy,
        ["perplexity"] = score.Perplexity,
        ["pseudo_perplexity"] = score.PseudoPerplexity,
        ["bits_per_character"] = score.BitsPerCharacter,
    };

    /// <summary>Counts each stage, and says what each model reached.</summary>
    private sealed class Lines(Terminal terminal, Func<string, IProgress<(int Done, int Total)>> stages) : IProgress<LanguageModelProgress>
    {
        private string? _stage;
        private IProgress<(int Done, int Total)>? _count;

        public void Report(LanguageModelProgress value)
        {
            if (value.Finished is { } score)
            {
                terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{score.Name}: accuracy {score.Accuracy:0.000}, perplexity {Number(score.Perplexity)}"));
                return;
            }
            if (value.Stage != _stage)
            {
                (_stage, _count) = (value.Stage, stages(value.Stage));
            }
            _count!.Report(((int)value.Done, (int)value.Total));
        }
    }
}
