using System.Text.Json.Serialization;

namespace ByolSharp.Images;

/// <summary>How a data scan works; see <see cref="ImageDataScan.Run"/>.</summary>
public sealed record ImageScanOptions
{
    /// <summary>Threads that decode, from 1; default: one for each processor.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Images with a shorter side below this count as tiny; in pixels, from 0; default 8.</summary>
    public int TinySide { get; init; } = 8;

    /// <summary>
    /// How many of the 64 bits of two difference hashes may differ in near duplicates; 0 to 15; default 6. On CIFAR-10 this finds 197
    /// pairs among 51,000 images, of which 187 correlate above 0.9 pixel by pixel; 4 finds 124, of which 117 do, and misses a few copies that
    /// were enlarged.
    /// </summary>
    public int NearDistance { get; init; } = 6;

    /// <summary>How many names are listed as examples of each finding, from 0; default 10.</summary>
    public int Examples { get; init; } = 10;
}

/// <summary>What a data scan found.</summary>
public sealed record ImageScanReport
{
    /// <summary>Samples in the data set.</summary>
    public required int Images { get; init; }

    /// <summary>Samples that decode.</summary>
    public required int Readable { get; init; }

    /// <summary>Samples that do not.</summary>
    public required int Unreadable { get; init; }

    /// <summary>Why not; the most frequent reason first.</summary>
    public required IReadOnlyList<UnreadableReason> UnreadableReasons { get; init; }

    /// <summary>Widths in pixels; null where nothing is readable.</summary>
    public required SideSummary? Width { get; init; }

    /// <summary>Heights in pixels; null where nothing is readable.</summary>
    public required SideSummary? Height { get; init; }

    /// <summary>Images by channel count.</summary>
    public required IReadOnlyDictionary<int, int> Channels { get; init; }

    /// <summary>Images by <see cref="PixelFormat"/>.</summary>
    public required IReadOnlyDictionary<string, int> PixelFormats { get; init; }

    /// <summary>Images whose shorter side is below <see cref="ImageScanOptions.TinySide"/>.</summary>
    public required NamedImages Tiny { get; init; }

    /// <summary>Images with the very same pixels.</summary>
    public required DuplicateSummary ExactDuplicates { get; init; }

    /// <summary>Images that look alike but differ in pixels: resized, recompressed, retouched. Exact duplicates count once.</summary>
    public required DuplicateSummary NearDuplicates { get; init; }

    /// <summary>Groups of exact duplicates whose labels contradict each other.</summary>
    public required int LabelConflicts { get; init; }

    /// <summary>Samples by class, unreadable ones included; empty where there are no labels.</summary>
    public required IReadOnlyDictionary<string, int> Classes { get; init; }

    /// <summary>Samples without a label.</summary>
    public required int Unlabelled { get; init; }

    /// <summary>Memory that all readable images take once decoded.</summary>
    public required long DecodedBytes { get; init; }
}

/// <summary>A reason why samples cannot be read.</summary>
/// <param name="Reason">One line.</param>
/// <param name="Count">Samples.</param>
/// <param name="Examples">Some of their names.</param>
public sealed record UnreadableReason(string Reason, int Count, IReadOnlyList<string> Examples);

/// <summary>Lengths of the sides of images, in pixels, or other whole numbers.</summary>
/// <param name="Min">The smallest.</param>
/// <param name="Median">The one in the middle.</param>
/// <param name="Max">The largest.</param>
public sealed record SideSummary(int Min, int Median, int Max)
{
    /// <summary>The summary of some numbers; null of none.</summary>
    internal static SideSummary? Of(IEnumerable<int> numbers)
    {
        int[] sorted = [.. numbers.Order()];
        return sorted.Length == 0 ? null : new(sorted[0], sorted[sorted.Length / 2], sorted[^1]);
    }

    /// <summary>In words.</summary>
    /// <param name="unit">What is counted, after a blank.</param>
    internal string Text(string unit) => Min == Max
        ? FormattableString.Invariant($"{Min:N0}{unit}") : FormattableString.Invariant($"{Min:N0} to {Max:N0}{unit}, median {Median:N0}");
}

/// <summary>Some images.</summary>
/// <param name="Count">How many.</param>
/// <param name="Examples">Some of their names.</param>
public sealed record NamedImages(int Count, IReadOnlyList<string> Examples);

/// <summary>Images that repeat each other.</summary>
/// <param name="Groups">Sets of images that are the same.</param>
/// <param name="Redundant">Images that could go: all but one of each group.</param>
/// <param name="Examples">Names of some groups.</param>
public sealed record DuplicateSummary(int Groups, int Redundant, IReadOnlyList<IReadOnlyList<string>> Examples);

/// <summary>Images of a test set that are in the training set as well.</summary>
/// <param name="Images">Readable images of the test set.</param>
/// <param name="Exact">Those whose very pixels are in the training set.</param>
/// <param name="Near">Those beyond that which look like one of the training set.</param>
/// <param name="Examples">Some of them, exact ones first.</param>
public sealed record ImageLeakage(int Images, int Exact, int Near, IReadOnlyList<LeakedImage> Examples)
{
    /// <summary>Every image of the training set with every test image that is its twin.</summary>
    [JsonIgnore]
    public IReadOnlyList<LeakedImage> Twins { get; init; } = [];
}

/// <summary>An image of a test set and its twin.</summary>
/// <param name="Test">Name in the test set.</param>
/// <param name="Train">Name in the training set.</param>
/// <param name="IsExact">Whether the pixels are the same.</param>
public sealed record LeakedImage(string Test, string Train, bool IsExact);
