using System.Text.Json.Nodes;

namespace ByolSharp.Tests.Reporting;

/// <summary>A run directory with a log but without a training.</summary>
internal static class SyntheticRun
{
    /// <summary>Writes config.json, environment.json and metrics.jsonl and gives the folder.</summary>
    /// <param name="folder">The run directory.</param>
    /// <param name="steps">Steps of the training.</param>
    /// <param name="every">Steps between lines of the log.</param>
    /// <param name="collapses">The projections shrink to one.</param>
    /// <param name="seed">Seed of the noise, and of the options.</param>
    public static string Write(string folder, long steps, long every, bool collapses = false, long seed = 0)
    {
        var options = SmallRun.Options(seed) with { Trainer = new() { BatchSize = 128, Duration = Duration.OfSteps(steps), Threads = 1 } };
        options = options with { Byol = options.Byol with { Predictor = collapses ? PredictorKind.None : PredictorKind.Mlp } };
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), OptionsJson.Write(options));
        File.WriteAllText(Path.Combine(folder, "environment.json"), """{ "cpu": "<b>processor</b>", "started": "2026-01-01" }""");
        File.WriteAllLines(Path.Combine(folder, "metrics.jsonl"), Enumerable.Range(1, (int)(steps / every)).Select(i => Line(i * every, options, collapses)));
        return folder;
    }

    private static string Line(long step, RunOptions options, bool collapses)
    {
        var random = new SampleRandom(options.Seed, step);
        double left = collapses ? Math.Exp(-step / 50.0) : 1;
        var line = new JsonObject { ["step"] = step, ["epoch"] = step / 468.0, ["samples"] = step * 128, ["time"] = step * 0.1, ["loss"] = 1 + 3 / (1 + step / 500.0) + 0.1 * random.NextNormal() };
        foreach (string key in (string[])["lr", "tau", "samples_per_second", "data_wait", "grad_norm", "alignment", "uniformity", "classifier_loss", "classifier_top1", "rankme", "lidar"])
        {
            line[key] = random.NextDouble();
        }
        line["projection_std"] = left / Math.Sqrt(options.Byol.ProjectionSize);
        line["rank"] = Math.Max(1, left * 12);
        return line.ToJsonString();
    }
}
