#:project ../src/ByolSharp/ByolSharp.csproj
using ByolSharp;
using ByolSharp.Evaluation;
using ByolSharp.Images;
using ByolSharp.Training;

var options = Presets.Get("small-cpu") with { Trainer = new() { BatchSize = 64, Duration = Duration.OfSteps(60) } };
using var photos = ImageSources.Open(args.FirstOrDefault() ?? "demo:train");
using var run = RunDirectory.Open("run", ExistingRun.Overwrite);
var result = Pretraining.Run(options, run, photos);
Console.WriteLine($"{result.Step} steps, loss {result.Loss:0.000}, {result.Verdict}");

using var encoder = ByolSharp.Export.EncoderFile.Load(run.Encoder).Backbone;
var transform = new EvalTransform(options.Views, options.Data.ImageSize, channels: 3);
var features = FeatureExtractor.Extract(encoder, new ImageEvalSource(photos, transform)).Features;
Console.WriteLine($"{features.Count} representations of {features.Size} numbers");
