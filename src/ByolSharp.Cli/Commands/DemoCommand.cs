using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using ByolSharp.Evaluation;
using ByolSharp.Export;
using ByolSharp.Images;
using ByolSharp.Images.Backbones;
using ByolSharp.Training;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol demo</c>: the whole way on generated images, without any download.</summary>
internal static class DemoCommand
{
    private static readonly Option<string> Out = new("--out", "-o") { Description = "The run directory; an earlier demo there is replaced.", DefaultValueFactory = _ => "byol-demo" };
    private static readonly Option<long> Seed = new("--seed") { Description = "Seed of weights, sample order and views." };
    private static readonly Option<long?> Steps = new("--steps") { Description = "Length of the pre-training in steps." };

    internal static Command Create() => new Command("demo", "Pre-train on generated images with hidden classes, and compare with raw pixels and a random encoder.")
    {
        Out, Seed, Steps, ClosingReport.Without,
    }.Does(Run);

    private static int Run(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        TorchRuntime.Initialize();
        var options = Options(arguments);
        using var train = ImageSources.Open("demo:train");
        using var test = ImageSources.Open("demo:test");
        using var run = RunDirectory.Open(arguments.GetValue(Out)!, ExistingRun.Overwrite);
        terminal.Line($"{train.Count:N0} generated images for training, {test.Count:N0} for testing, {train.ClassNames.Count} hidden classes; see {Sheet(run, train, options)}");
        var result = terminal.Train(observer => Pretraining.Run(options, run, train, observer: observer, cancellation: cancellation));
        if (result.Interrupted)
        {
            ClosingReport.Write(arguments, terminal, run, cancellation);
            return CommandRunner.Interrupted;
        }
        var scores = Encoders(run, options, train).Select(encoder => Score(encoder, terminal, train, test, cancellation)).ToList();
        terminal.Line($"Accuracy on the test images (labels serve to measure, never to pre-train; chance is {1.0 / train.ClassNames.Count:0%}):");
        terminal.Table(["representation", "kNN top-1", "linear top-1"], scores.Select(s => new[] { s.Name, Percent(s.Knn), Percent(s.Linear) }));
        terminal.Line($"BYOL is {100 * (scores[2].Knn - Math.Max(scores[0].Knn, scores[1].Knn)):0} points above the better baseline in kNN; {clock.Elapsed:m\\:ss} in all. Encoder: {run.Encoder}");
        var results = new JsonArray([.. scores.Select(s => new JsonObject { ["encoder"] = s.Name, ["knn_top1"] = s.Knn, ["linear_top1"] = s.Linear })]);
        var filed = new JsonObject { ["top1"] = scores[2].Knn, ["n_test"] = test.Count, ["results"] = results.DeepClone() };
        File.WriteAllText(Path.Combine(run.Evaluations, "demo.json"), filed.ToJsonString() + "\n");
        ClosingReport.Write(arguments, terminal, run, cancellation);
        terminal.Result(new JsonObject
        {
            ["run"] = run.Path,
            ["seconds"] = clock.Elapsed.TotalSeconds,
            ["steps"] = result.Step,
            ["verdict"] = result.Verdict.State.ToString(),
            ["results"] = results,
        });
        return 0;
    }

    private static RunOptions Options(ParseResult arguments)
    {
        var options = Presets.Get("demo") with { Seed = arguments.GetValue(Seed) };
        return arguments.GetValue(Steps) is { } steps ? options with { Trainer = options.Trainer with { Duration = Duration.OfSteps(steps) } } : options;
    }

    private static string Sheet(RunDirectory run, ImageDataset data, RunOptions options)
    {
        string file = run.File("views.png");
        ContactSheet.Write(file, data, options.Views, options.Data.ImageSize, samples: 10, drawsPerView: 4, options.Seed);
        return file;
    }

    /// <summary>Raw pixels, an encoder that was never trained, ours.</summary>
    private static IEnumerable<Encoder> Encoders(RunDirectory run, RunOptions options, ImageDataset train)
    {
        var (trained, backbone, metadata) = EncoderFile.Load(run.Encoder);
        var random = new Encoder("random encoder", BackboneFactory.Create(backbone, options.Seed), backbone, metadata);
        BatchStatistics.Settle(random.Backbone, random.Source(train), options.Seed);
        return
        [
            new("raw pixels", new PixelBackbone(backbone.InputChannels * metadata.ImageSize * metadata.ImageSize), backbone, metadata),
            random,
            new("BYOL encoder", trained, backbone, metadata),
        ];
    }

    private static (string Name, double Knn, double Linear) Score(Encoder encoder, Terminal terminal, ImageDataset train, ImageDataset test, CancellationToken cancellation)
    {
        var trainFeatures = encoder.Extract(terminal, encoder.Name, train, cancellation);
        var testFeatures = encoder.Extract(terminal, encoder.Name, test, cancellation);
        double knn = new KnnClassifier(trainFeatures).Evaluate(testFeatures, cancellation: cancellation).Top1;
        double linear = LinearEval.Evaluate(trainFeatures, testFeatures, new() { Standardize = true }, cancellation: cancellation).Top1;
        return (encoder.Name, knn, linear);
    }

    private static string Percent(double share) => share.ToString("0.0%", CultureInfo.InvariantCulture);
}
