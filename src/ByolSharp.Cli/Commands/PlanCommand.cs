using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ByolSharp.Training;
using ByolSharp.Tuning;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol plan DATA --time 8h</c>: proposes every setting of a training, with reasons.</summary>
internal static class PlanCommand
{
    private static readonly Argument<string> Data = new("DATA") { Description = "The images, as for pretrain." };
    private static readonly Option<string> Time = new("--time") { Description = "How long the training may take, for example 20m or 8h.", Required = true };
    private static readonly Option<string?> Device = new("--device") { Description = "cpu, cuda or cuda:N." };
    private static readonly Option<string?> Out = new("--out", "-o") { Description = "Write all options to this file, for pretrain --config.", HelpName = "FILE" };
    private static readonly Option<string[]> Set = new("--set") { Description = "Any option, over the plan; repeatable.", HelpName = "KEY=VALUE" };

    internal static Command Create() => new Command("plan", "Propose the settings of a training by the data, the time and this machine's speed, with reasons.")
    {
        Data, Time, Device, Out, Set,
    }.Does(Run);

    private static int Run(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        var time = Duration.Parse(arguments.GetRequiredValue(Time));
        if (time.Unit != DurationUnit.Seconds || time.Value < 1)
        {
            throw new ConfigurationException($"--time {time} does not work; give a wall-clock time, for example 20m or 8h.");
        }
        string data = arguments.GetRequiredValue(Data);
        RunOptions Adjust(RunOptions options) => Settings.Apply(options, [Settings.Of("device", arguments.GetValue(Device))], arguments.GetValue(Set));
        var plan = terminal.Train(observer => TrainingPlan.Make(data, TimeSpan.FromSeconds(time.Value), Adjust, observer, cancellation));
        Print(terminal, plan);
        string command = Command(plan, arguments.GetValue(Out));
        terminal.Command(command);
        terminal.Result(Describe(plan, command));
        return 0;
    }

    /// <summary>The command, by way of the file where one is wanted.</summary>
    private static string Command(TrainingPlan plan, string? file)
    {
        if (file is null)
        {
            return PretrainArguments.Command(plan.Options, "RUN");
        }
        RunDirectory.WriteAtomically(file, OptionsJson.Write(plan.Options) + "\n");
        return PretrainArguments.CommandFor(plan.Options, "RUN", file);
    }

    private static void Print(Terminal terminal, TrainingPlan plan)
    {
        var data = plan.Data;
        string classes = data.Classes > 0 ? $"{data.Classes} classes" : "no labels";
        terminal.Line($"data: {data.Count:N0} images, median {data.Width} x {data.Height}, {data.Channels} channels, {classes}");
        foreach (var measured in plan.Candidates)
        {
            string speed = measured.IsMeasured ? Text(measured.SamplesPerSecond, "0") : $"at most {Text(measured.SamplesPerSecond, "0.#")}";
            string objection = measured.Objection.Length > 0 ? $"; {measured.Objection}" : "";
            string mark = measured == plan.Chosen ? "*" : " ";
            terminal.Line($"{mark} {NameOf(measured.Candidate)}: {speed} images/s here ({Text(measured.GflopsPerSample, "0.##")} GFLOP a sample){objection}");
        }
        foreach (var value in plan.Values)
        {
            terminal.Line($"{value.Key} = {value.Value}: {value.Reason} [{value.Source}]");
        }
        terminal.Line($"takes about {plan.Time:d\\.hh\\:mm\\:ss} at the speed measured; look at the views first: byol views");
    }

    private static string NameOf(PlanCandidate candidate) => $"{candidate.Options.Backbone.Name} at {candidate.ImageSize} pixels ({candidate.Preset})";

    private static JsonObject Describe(TrainingPlan plan, string command) => new()
    {
        ["data"] = OptionsJson.ToTree(plan.Data),
        ["candidates"] = new JsonArray([.. plan.Candidates.Select(m => new JsonObject
        {
            ["preset"] = m.Candidate.Preset,
            ["backbone"] = m.Candidate.Options.Backbone.Name,
            ["image_size"] = m.Candidate.ImageSize,
            ["gflop_per_sample"] = m.GflopsPerSample,
            ["samples_per_second"] = m.SamplesPerSecond,
            ["measured"] = m.IsMeasured,
            ["objection"] = m.Objection,
        })]),
        ["values"] = new JsonArray([.. plan.Values.Select(v => new JsonObject { ["key"] = v.Key, ["value"] = v.Value, ["reason"] = v.Reason, ["source"] = v.Source })]),
        ["samples_per_second"] = plan.Chosen.SamplesPerSecond,
        ["seconds"] = plan.Time.TotalSeconds,
        ["options"] = OptionsJson.ToTree(plan.Options),
        ["command"] = command,
    };

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
