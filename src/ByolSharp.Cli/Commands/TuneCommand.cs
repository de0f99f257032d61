using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ByolSharp.Tuning;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol tune DATA --steps BUDGET --out DIR</c>: searches for settings by successive halving.</summary>
internal static class TuneCommand
{
    private static readonly Argument<string> Data = new("DATA") { Description = "The images, as for pretrain." };
    private static readonly Option<string> Out = new("--out", "-o") { Description = "The folder of the search; each training is a run directory in it.", Required = true, HelpName = "DIR" };
    private static readonly Option<string?> PresetName = new("--preset", "-p") { Description = $"The recipe to start from; the first trial. Default: {Presets.Default}." };
    private static readonly Option<int> Trials = new("--trials") { Description = "Settings to try, the preset's own included.", DefaultValueFactory = _ => new TuneOptions().Trials };
    private static readonly Option<long?> Steps = new("--steps") { Description = "Length of all trainings together in steps." };
    private static readonly Option<string?> Time = new("--time") { Description = "Length of all trainings together in time, for example 2h." };
    private static readonly Option<string?> Length = new("--length") { Description = "Length of a full training, for example 400steps or 30m. Default: a quarter of the whole search." };
    private static readonly Option<string[]> Search = new("--search")
    {
        Description = "What to vary: key=low..high, key=low..high:log (or :near-one, :int), key=a,b,c; repeatable. Default: around the preset.",
        HelpName = "KEY=RANGE",
    };
    private static readonly Option<string?> Space = new("--space") { Description = "A JSON file with what to vary.", HelpName = "FILE" };
    private static readonly Option<string?> Score = new("--score") { Description = "What decides: knn, a key of metrics.jsonl such as rankme, or key:min. Default: knn with labelled data, else rankme." };
    private static readonly Option<SamplerKind> Sampler = new("--sampler") { Description = "How settings are drawn: random or tpe." };
    private static readonly Option<int> Reduction = new("--reduction") { Description = "One trial in so many goes on after a rung.", DefaultValueFactory = _ => new TuneOptions().Reduction };
    private static readonly Option<string?> EvalTrain = new("--eval-train", "--train") { Description = "Labelled data that the kNN votes with.", HelpName = "DIR" };
    private static readonly Option<string?> EvalTest = new("--eval-test", "--test") { Description = "Labelled data that the kNN classifies; not the data of the final test.", HelpName = "DIR" };
    private static readonly Option<long> Seed = new("--seed") { Description = "Seed of the draws and of all trainings." };
    private static readonly Option<string?> Device = new("--device") { Description = "cpu, cuda or cuda:N." };
    private static readonly Option<bool> Resume = new("--resume") { Description = "Go on with the search that is there." };
    private static readonly Option<bool> Overwrite = new("--overwrite") { Description = "Delete the search that is there." };
    private static readonly Option<string[]> Set = new("--set") { Description = "Any option for all trials; repeatable.", HelpName = "KEY=VALUE" };

    internal static Command Create() => new Command("tune", "Search for settings: many short trials, of which the best train on.")
    {
        Data, Out, PresetName, Trials, Steps, Time, Length, Search, Space, Score, Sampler, Reduction, EvalTrain, EvalTest, Seed, Device, Resume, Overwrite, Set,
    }.Does(Run);

    private static int Run(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string folder = arguments.GetRequiredValue(Out);
        var options = Options(arguments);
        if (arguments.GetValue(Score) is null && options.Base.Data.EvalTrain is null)
        {
            terminal.Line($"no labelled data: trials are compared by {options.Score}, which agrees with accuracy on the whole and misleads at times (docs/choosing.md); --eval-train, --eval-test are better");
        }
        var result = terminal.Train(observer => Tuner.Run(options, folder, ExistingRuns.Of(arguments, Resume, Overwrite), observer, cancellation));
        string plot = Path.Combine(folder, "tune.svg");
        TunePlot.Write(plot, result);
        var score = ScoreKey.Parse(options.Score);
        string command = PretrainArguments.Command(result.WinnerOptions, "RUN");
        Print(terminal, result, score);
        string winner = result.Winner.Number == 0 ? "the preset's own setting" : $"trial {result.Winner.Number}";
        terminal.Line($"{winner} is best, with one seed; differences within the spread over seeds mean nothing. Plot: {plot}");
        terminal.Command(command);
        terminal.Result(Describe(result, score, folder, plot, command));
        return 0;
    }

    private static TuneOptions Options(ParseResult arguments)
    {
        var start = Settings.Apply(Presets.Get(arguments.GetValue(PresetName) ?? Presets.Default), Flags(arguments), arguments.GetValue(Set));
        string[] searched = arguments.GetValue(Search) ?? [];
        var space = (arguments.GetValue(Space), searched) switch
        {
            ({ }, { Length: > 0 }) => throw new ConfigurationException("--search and --space exclude each other; give one of them."),
            ({ } file, _) => SearchSpace.Load(file),
            (_, { Length: > 0 }) => new([.. searched.Select(SearchDimension.Parse)]),
            _ => SearchSpace.Around(start),
        };
        return new()
        {
            Base = start,
            Space = [.. space.Dimensions.Select(d => d.ToString())],
            Trials = arguments.GetValue(Trials),
            Reduction = arguments.GetValue(Reduction),
            Sampler = arguments.GetValue(Sampler),
            Seed = arguments.GetValue(Seed),
            Score = arguments.GetValue(Score) ?? (start.Data.EvalTrain is null ? "rankme" : "knn"),
            Budget = Budget(arguments),
            Length = arguments.GetValue(Length) is { } length ? Duration.Parse(length) : default,
        };
    }

    private static Duration Budget(ParseResult arguments) => (arguments.GetValue(Steps), arguments.GetValue(Time)) switch
    {
        ({ } steps, null) => Duration.OfSteps(steps),
        (null, { } time) => Duration.Parse(time),
        _ => throw new ConfigurationException("give the length of the whole search: either --steps or --time, for example --time 2h."),
    };

    private static string?[] Flags(ParseResult arguments) =>
    [
        Settings.Of("data.path", arguments.GetRequiredValue(Data)),
        Settings.Of("data.evalTrain", arguments.GetValue(EvalTrain)),
        Settings.Of("data.evalTest", arguments.GetValue(EvalTest)),
        Settings.Of("seed", arguments.GetValue(Seed)),
        Settings.Of("device", arguments.GetValue(Device)),
    ];

    private static void Print(Terminal terminal, TuneResult result, ScoreKey score)
    {
        var dimensions = result.State.Options.Space.Select(SearchDimension.Parse).ToList();
        terminal.Table(
            ["trial", .. dimensions.Select(d => string.Join('+', d.Keys.Select(k => k.Split('.')[^1]).Distinct())), .. result.Plan.Rungs.Select(r => $"{score.Key} at {r}"), ""],
            result.Ranking.Select(trial => (string[])
            [
                $"{trial.Number}",
                .. dimensions.Select(d => ValueOf(trial, d)),
                .. result.Plan.Rungs.Select((_, rung) => rung < trial.Scores.Count ? Text(score.ValueOf(trial.Scores[rung])) : ""),
                trial == result.Winner ? "best" : trial.Failure.Split([':', ','])[0],
            ]));
    }

    private static string ValueOf(Trial trial, SearchDimension dimension) =>
        trial.Settings.FirstOrDefault(s => s.StartsWith(dimension.Keys[0] + "=", StringComparison.Ordinal))?[(dimension.Keys[0].Length + 1)..] ?? "preset";

    private static JsonObject Describe(TuneResult result, ScoreKey score, string folder, string plot, string command) => new()
    {
        ["folder"] = Path.GetFullPath(folder),
        ["score"] = score.ToString(),
        ["rungs"] = new JsonArray([.. result.Plan.Rungs.Select(r => JsonValue.Create(r))]),
        ["steps_at_most"] = result.Plan.Cost,
        ["winner"] = result.Winner.Number,
        ["trials"] = new JsonArray([.. result.Ranking.Select(trial => new JsonObject
        {
            ["trial"] = trial.Number,
            ["settings"] = new JsonArray([.. trial.Settings.Select(s => JsonValue.Create(s))]),
            ["scores"] = new JsonArray([.. trial.Scores.Select(s => double.IsNaN(s) ? null : JsonValue.Create(score.ValueOf(s)))]),
            ["failure"] = trial.Failure,
        })]),
        ["plot"] = Path.GetFullPath(plot),
        ["command"] = command,
    };

    private static string Text(double value) => double.IsNaN(value) ? "-" : value.ToString("0.####", CultureInfo.InvariantCulture);
}
