namespace ByolSharp.Tuning;

/// <summary>A recipe that a plan may choose, and when it is worth it.</summary>
/// <param name="Preset">The preset.</param>
/// <param name="ImageSize">Side of its views in pixels.</param>
/// <param name="SmallestSide">Shorter side in pixels from which images have the detail for such views.</param>
/// <param name="LargestSide">Shorter side in pixels up to which such views do not lose too much.</param>
/// <param name="MinimumSamples">Samples, repeats included, below which a smaller recipe learns more in the time.</param>
/// <param name="TrainedSamples">Samples, repeats included, of the training that its tau was chosen for.</param>
/// <param name="Evidence">Where the minimum comes from.</param>
public sealed record PlanCandidate(string Preset, int ImageSize, int SmallestSide, int LargestSide, double MinimumSamples, double TrainedSamples, string Evidence)
{
    private const int Any = int.MaxValue;
    private const double ImageNet = 1_281_167, Imagenette = 9_469, Cifar10 = 50_000;

    /// <summary>All recipes, the cheapest first.</summary>
    public static IReadOnlyList<PlanCandidate> All { get; } =
    [
        new("small-cpu", 24, 0, Any, 300_000, 3_935 * 128, "docs/results.md: 300,000 samples lift kNN on CIFAR-10 from .37 to .54, 500,000 to .61"),
        new("small-cpu", 48, 96, Any, 1.2e6, 3_935 * 128, "as at 24 pixels, four times as long for four times the pixels; not measured"),
        new("cifar10-r18", 32, 24, 95, 200 * Cifar10, 1000 * Cifar10, "200 epochs of CIFAR-10 give kNN .87 with this network (lightly's benchmark)"),
        new("imagenette-r18", 128, 96, Any, 200 * Imagenette, 1000 * Imagenette, "200 epochs of Imagenette give kNN .71 with this network, 800 give .89 (lightly's benchmark)"),
        ResNet50(40, "the authors' shortest schedule"),
        ResNet50(100, "the authors' schedule of this length"),
        ResNet50(300, "the authors' schedule of this length: linear top-1 72.5"),
        ResNet50(1000, "the authors' longest schedule: linear top-1 74.3"),
    ];

    /// <summary>The preset's options for these views.</summary>
    public RunOptions Options
    {
        get
        {
            var options = Presets.Get(Preset);
            return options with { Data = options.Data with { ImageSize = ImageSize } };
        }
    }

    private static PlanCandidate ResNet50(int epochs, string evidence) =>
        new($"imagenet-r50-{epochs}ep", 224, 160, Any, epochs * ImageNet, epochs * ImageNet, evidence);
}

/// <summary>A candidate with what this machine makes of it.</summary>
/// <param name="Candidate">The recipe.</param>
/// <param name="GflopsPerSample">10^9 floating-point operations of a training step for one sample.</param>
/// <param name="SamplesPerSecond">Measured; where not, an upper bound by the speed of a matrix product.</param>
/// <param name="IsMeasured">False where the bound already rules it out.</param>
/// <param name="Objection">Why it is not worth it; empty where it is.</param>
public sealed record MeasuredCandidate(PlanCandidate Candidate, double GflopsPerSample, double SamplesPerSecond, bool IsMeasured, string Objection);
