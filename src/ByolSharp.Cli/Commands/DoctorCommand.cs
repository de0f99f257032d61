using System.CommandLine;
using System.Text.Json.Nodes;
using ByolSharp.Images;
using ByolSharp.Training;
using ByolSharp.Video.Decoding;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol doctor [DATA]</c>.</summary>
internal static class DoctorCommand
{
    private static readonly Argument<string?> Data = new("DATA") { Description = "Images to look through.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> Against = new("--against") { Description = "A test set: are its images in DATA as well?", HelpName = "DIR" };

    private const string FasterJpeg = "twice as fast, and the same pixels, with libturbojpeg: "
        + "apt-get install libturbojpeg0 (Debian, Ubuntu), dnf install turbojpeg (Fedora, RHEL), brew install jpeg-turbo (macOS)";

    internal static Command Create() => new Command("doctor", "Check the native library and the machine, and look through data before training.") { Data, Against }.Does(Run);

    private static int Run(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        var result = new JsonObject { ["native_library"] = false };
        TorchRuntime.Initialize(); // first: nothing else works without it, and its error says how to mend it
        result["native_library"] = true;
        var machine = RunEnvironment.Describe();
        result["machine"] = machine;
        terminal.Line($"native library: libtorch {machine["libtorch"]} for {(Libtorch.HasCuda ? "CUDA" : "CPUs")} loads, from {machine["libtorch_path"]}");
        terminal.Line($"machine: {machine["cpu"]}, {machine["cores"]} cores, {machine["memory_mib"]} MiB, CUDA {((bool)machine["cuda"]! ? $"yes, {machine["gpus"]} GPUs" : "no")}");
        result["jpeg_library"] = ImageDecoder.JpegLibrary;
        terminal.Line($"JPEG decoder: {ImageDecoder.JpegLibrary}{(ImageDecoder.JpegLibrary == "Skia" ? $"; {FasterJpeg}" : "")}");
        result["video_decoder"] = VideoTools.Version is { } version ? $"ffmpeg {version}" : null;
        terminal.Line($"video decoder: {(VideoTools.Version is { } release ? $"ffmpeg {release}" : $"none; for videos install ffmpeg: {VideoTools.HowToInstall}")}");
        if (arguments.GetValue(Data) is { } path)
        {
            result["data"] = Scan(arguments, terminal, path, cancellation);
        }
        terminal.Result(result);
        return 0;
    }

    private static JsonObject Scan(ParseResult arguments, Terminal terminal, string path, CancellationToken cancellation)
    {
        using var data = ImageSources.Open(path);
        var scan = terminal.Count("scan", progress => ImageDataScan.Run(data, null, progress, cancellation));
        Print(terminal, scan.Report);
        var result = OptionsJson.ToTree(scan.Report);
        if (arguments.GetValue(Against) is { } other)
        {
            using var test = ImageSources.Open(other);
            var leakage = scan.LeakageInto(terminal.Count("scan test", progress => ImageDataScan.Run(test, null, progress, cancellation)), cancellation);
            terminal.Line($"leakage: {leakage.Exact:N0} of {leakage.Images:N0} test images are in the training data, {leakage.Near:N0} more look like one that is");
            result["leakage"] = OptionsJson.ToTree(leakage);
        }
        return result;
    }

    private static void Print(Terminal terminal, ImageScanReport report)
    {
        terminal.Line($"images: {report.Readable:N0} of {report.Images:N0} can be read");
        foreach (var reason in report.UnreadableReasons)
        {
            terminal.Line($"  {reason.Count:N0} cannot: {reason.Reason}, such as {reason.Examples[0]}");
        }
        if (report.Width is { } width && report.Height is { } height)
        {
            terminal.Line($"size: width {width.Min} to {width.Max} (median {width.Median}), height {height.Min} to {height.Max} (median {height.Median})");
        }
        terminal.Line($"channels: {string.Join(", ", report.Channels.Select(c => $"{c.Key} in {c.Value:N0}"))}; {string.Join(", ", report.PixelFormats.Select(f => $"{f.Key} in {f.Value:N0}"))}");
        terminal.Line($"classes: {(report.Classes.Count == 0 ? "none" : string.Join(", ", report.Classes.Take(20).Select(c => $"{c.Key} {c.Value:N0}")))}");
        terminal.Line($"tiny: {report.Tiny.Count:N0}; repeated: {report.ExactDuplicates.Redundant:N0} exact, {report.NearDuplicates.Redundant:N0} nearly; {report.LabelConflicts:N0} label conflicts");
    }
}
