using System.CommandLine;
using System.Text.Json.Nodes;
using ByolSharp.Evaluation;
using ByolSharp.Images;
using ByolSharp.Sources;
using ByolSharp.Training;
using ByolSharp.Video;
using ByolSharp.Video.Decoding;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol doctor [DATA [DATA2]]</c>.</summary>
internal static class DoctorCommand
{
    private static readonly EncoderOptions Encoders = new();
    private static readonly Argument<string?> Data = new("DATA") { Description = "Images or videos to look through.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Argument<string?> Other = new("DATA2") { Description = "A test set: are its samples in DATA as well?", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string?> Against = new("--against") { Description = "The same as DATA2.", HelpName = "DIR" };
    private static readonly Option<double> Similarity = new("--similarity")
    {
        Description = "With an encoder: the least cosine of images that count as alike.",
        DefaultValueFactory = _ => DefaultSimilarity,
    };

    private static readonly Option<string?> QuarantineFile = new("--quarantine") { Description = "Write what is better left out, with reasons, for pretrain --quarantine.", HelpName = "FILE" };
    private static readonly Option<string?> PresetName = new("--preset") { Description = $"The recipe whose time and memory are estimated. Default: {Presets.Default}, for videos {Presets.DefaultOf(DataKind.Video)}." };

    private const double DefaultSimilarity = 0.99;
    private const int Shown = 3;
    private const string FasterJpeg = "twice as fast, and the same pixels, with libturbojpeg: "
        + "apt-get install libturbojpeg0 (Debian, Ubuntu), dnf install turbojpeg (Fedora, RHEL), brew install jpeg-turbo (macOS)";

    internal static Command Create()
    {
        var command = new Command("doctor", "Check the native library and the machine, and look through data before training.") { Data, Other, Against };
        Encoders.AddTo(command, Baselines.None);
        foreach (Option option in (Option[])[Similarity, QuarantineFile, PresetName])
        {
            command.Options.Add(option);
        }
        return command.Does(Run);
    }

    private static int Run(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        var result = new JsonObject { ["native_library"] = false };
        TorchRuntime.Initialize(); // first: nothing else works without it, and its error says how to mend it
        result["native_library"] = true;
        var machine = RunEnvironment.Describe();
        result["machine"] = machine;
        terminal.Line($"native library: libtorch {machine["libtorch"]} for {(Libtorch.HasCuda ? "CUDA" : "CPUs")} loads, from {machine["libtorch_path"]}");
        terminal.Line($"machine: {machine["cpu"]}, {machine["cores"]} cores, {machine["memory_mib"]} MiB, CUDA {((bool)machine["cuda"]! ? $"yes, {machine["gpus"]} GPUs" : "no")}");
        double error = ConvolutionCheck.LargestError();
        result["convolution_error"] = error;
        terminal.Line(error < ConvolutionCheck.Tolerance
            ? FormattableString.Invariant($"convolutions: right (within {error:0e-0} of double precision{(HiddenCaches.AreTold ? "; libtorch was told the sizes of the caches, which this machine hides" : "")})")
            : FormattableString.Invariant($"convolutions: WRONG, {error:0.0e-0} off double precision: do not trust numbers of this machine unless ONEDNN_MAX_CPU_ISA=SSE41 mends them, and please report it"));
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
        using var data = LookedThrough.Open(path);
        using var test = (arguments.GetValue(Other) ?? arguments.GetValue(Against)) is { } other ? LookedThrough.Open(other) : null;
        var scan = terminal.Count("scan", progress => ImageDataScan.Run(data.Looks, null, progress, cancellation));
        Print(terminal, scan.Report, data);
        var result = OptionsJson.ToTree(scan.Report);
        var films = data.Facts();
        if (films is not null)
        {
            terminal.Line($"frames: {films.Frames.Text("")}; length {films.Seconds.Text(" s")}; width {films.Width.Text(" pixels")}, height {films.Height.Text(" pixels")}");
            result["videos"] = OptionsJson.ToTree(films);
        }
        ImageLeakage? leakage = null;
        if (test is not null)
        {
            leakage = scan.LeakageInto(terminal.Count("scan test", progress => ImageDataScan.Run(test.Looks, null, progress, cancellation)), cancellation);
            terminal.Line($"leakage: {leakage.Exact:N0} of {leakage.Images:N0} test {data.Many} are in the training data, {leakage.Near:N0} more look like one that is");
            result["leakage"] = OptionsJson.ToTree(leakage);
        }
        if (Encoders.IsGiven(arguments))
        {
            result["alike"] = Alike(arguments, terminal, data.Samples, test?.Samples, cancellation);
        }
        if (arguments.GetValue(QuarantineFile) is { } file)
        {
            var leftOut = scan.ToLeaveOut(leakage);
            leftOut.Write(file);
            terminal.Line($"{leftOut.Count:N0} {data.Many} are better left out: pretrain --quarantine {file} does so; delete the lines of those that shall stay");
            result["quarantined"] = leftOut.Count;
        }
        if (scan.Report.Readable > 1)
        {
            result["estimate"] = TrainingEstimate.Measure(
                terminal, path, arguments.GetValue(PresetName) ?? Presets.DefaultOf(data.Kind),
                new(data.Many, scan.Report.Images, scan.Report.Readable, films?.DecodedBytes ?? scan.Report.DecodedBytes, scan.DecodeMilliseconds), cancellation);
        }
        return result;
    }

    /// <summary>Pairs that only the encoder sees are for people to look at: they are shown, and never put into the quarantine.</summary>
    private static JsonObject Alike(ParseResult arguments, Terminal terminal, Dataset data, Dataset? test, CancellationToken cancellation)
    {
        double least = arguments.GetValue(Similarity);
        if (least is not (> 0 and <= 1))
        {
            throw new ConfigurationException(FormattableString.Invariant($"--similarity {least} does not work; give a number above 0, at most 1."));
        }
        var encoder = Encoders.Open(arguments, data);
        var features = encoder.Extract(terminal, "encode", data, cancellation);
        var found = new JsonObject { ["cosine"] = least };
        Show("pairs", "within the data", RepresentationTwins.Within(features, least, cancellation));
        if (test is not null)
        {
            Show("leaked", "of a training and a test image", RepresentationTwins.Between(features, encoder.Extract(terminal, "encode test", test, cancellation), least, cancellation));
        }
        return found;

        void Show(string key, string where, IReadOnlyList<AlikePair> pairs)
        {
            terminal.Line(FormattableString.Invariant($"alike to the encoder (cosine {least} or more): {pairs.Count:N0} pairs {where}"));
            foreach (var pair in pairs.Take(Shown))
            {
                terminal.Line(FormattableString.Invariant($"  {pair.Cosine:0.000} {pair.A}, {pair.B}"));
            }
            found[key] = pairs.Count;
            found[$"{key}_examples"] = new JsonArray([.. pairs.Take(10).Select(pair => new JsonArray(pair.A, pair.B, pair.Cosine))]);
        }
    }

    private static void Print(Terminal terminal, ImageScanReport report, LookedThrough data)
    {
        terminal.Line($"{data.Many}: {report.Readable:N0} of {report.Images:N0} can be read");
        foreach (var reason in report.UnreadableReasons)
        {
            terminal.Line($"  {reason.Count:N0} cannot: {reason.Reason}, such as {reason.Examples[0]}");
        }
        if (data.Kind == DataKind.Images)
        {
            PrintPixels(terminal, report);
        }
        terminal.Line($"classes: {(report.Classes.Count == 0 ? "none" : string.Join(", ", report.Classes.Take(20).Select(c => $"{c.Key} {c.Value:N0}")))}");
        terminal.Line($"tiny: {report.Tiny.Count:N0}; repeated: {report.ExactDuplicates.Redundant:N0} exact, {report.NearDuplicates.Redundant:N0} nearly; {report.LabelConflicts:N0} label conflicts");
    }

    private static void PrintPixels(Terminal terminal, ImageScanReport report)
    {
        if (report.Width is { } width && report.Height is { } height)
        {
            terminal.Line($"size: width {width.Min} to {width.Max} (median {width.Median}), height {height.Min} to {height.Max} (median {height.Median})");
        }
        terminal.Line($"channels: {string.Join(", ", report.Channels.Select(c => $"{c.Key} in {c.Value:N0}"))}; {string.Join(", ", report.PixelFormats.Select(f => $"{f.Key} in {f.Value:N0}"))}");
    }

    /// <summary>Data with the pictures that a scan looks at: images themselves, of videos a few moments.</summary>
    private sealed record LookedThrough(DataKind Kind, Dataset Samples, ImageDataset Looks) : IDisposable
    {
        internal string Many => Kind == DataKind.Video ? "videos" : "images";

        internal static LookedThrough Open(string path)
        {
            if (DataKinds.Of(path) == DataKind.Video)
            {
                var videos = VideoSources.Open(path);
                return new(DataKind.Video, videos, new VideoMoments(videos));
            }
            var images = ImageSources.Open(path);
            return new(DataKind.Images, images, images);
        }

        internal VideoScanFacts? Facts() => Samples is VideoDataset videos ? VideoScanFacts.Of(videos) : null;

        public void Dispose() => Looks.Dispose();
    }
}
