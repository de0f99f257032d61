#:project ../src/ByolSharp/ByolSharp.csproj
using ByolSharp;
using ByolSharp.Evaluation;
using ByolSharp.Images;
using ByolSharp.Training;
using ByolSharp.Video;

if (args.Length == 0)
{
    Console.Error.WriteLine("usage: dotnet run videos.cs FOLDER, with videos in one sub-folder a class");
    return 2;
}
var preset = Presets.Get("video-small-cpu");
var options = preset with { Data = preset.Data with { Path = args[0] }, Trainer = new() { BatchSize = 16, Duration = Duration.OfSteps(10) } };
using var run = RunDirectory.Open("run", ExistingRun.Overwrite);
var result = Pretraining.Run(options, run);
Console.WriteLine($"{result.Step} steps, loss {result.Loss:0.000}, {result.Verdict}");

var (encoder, _, metadata) = ByolSharp.Export.EncoderFile.Load(run.Encoder);
using var videos = VideoSources.Open(options.Data.Path);
var transform = new EvalTransform(options.Views, metadata.ImageSize, channels: 3, EvalCrop.ShortSide);
var features = FeatureExtractor.Extract(encoder, new VideoEvalSource(videos, transform, metadata.Video!)).Features;
Console.WriteLine($"{features.Count} representations of {features.Size} numbers, the first of {features.Names[0]}");
encoder.Dispose();
return 0;
