#:project ../src/ByolSharp/ByolSharp.csproj
using System.Diagnostics;
using ByolSharp;
using ByolSharp.Evaluation;
using ByolSharp.Images;
using ByolSharp.Training;
using ByolSharp.Video;

string folder = args.FirstOrDefault() ?? MakeFilms("films");
var preset = Presets.Get("video-small-cpu");
var options = preset with { Data = preset.Data with { Path = folder }, Trainer = new() { BatchSize = 16, Duration = Duration.OfSteps(10) } };
using var run = RunDirectory.Open("run", ExistingRun.Overwrite);
var result = Pretraining.Run(options, run);
Console.WriteLine($"{result.Step} steps, loss {result.Loss:0.000}, {result.Verdict}");

var (encoder, _, metadata) = ByolSharp.Export.EncoderFile.Load(run.Encoder);
using var videos = VideoSources.Open(folder, decoder: new() { ShortSide = metadata.DecodeShortSide });
var transform = new EvalTransform(options.Views, metadata.ImageSize, channels: 3, EvalCrop.ShortSide);
var features = FeatureExtractor.Extract(encoder, new VideoEvalSource(videos, transform, metadata.Video!)).Features;
Console.WriteLine($"{features.Count} representations of {features.Size} numbers, the first of {features.Names[0]}");
encoder.Dispose();

// Sixteen films of two seconds: a zoom, and a game of life.
static string MakeFilms(string folder)
{
    foreach (string kind in new[] { "mandelbrot", "life" })
    {
        Directory.CreateDirectory($"{folder}/{kind}");
        for (int i = 1; i <= 8; i++)
        {
            string source = kind == "life" ? $"life=size=96x96:rate=12:seed={i}" : $"mandelbrot=size=96x96:rate=12:start_scale={0.5 * i}";
            using var ffmpeg = Process.Start("ffmpeg", ["-v", "error", "-y", "-f", "lavfi", "-i", source, "-t", "2", $"{folder}/{kind}/{i}.mp4"]);
            ffmpeg.WaitForExit();
        }
    }
    return folder;
}
