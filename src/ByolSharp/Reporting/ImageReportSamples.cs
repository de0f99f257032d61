using System.Globalization;
using ByolSharp.Export;
using ByolSharp.Images;
using SkiaSharp;

namespace ByolSharp.Reporting;

/// <summary>Images of a run: thumbnails in one sprite sheet, and the contact sheet of both view distributions.</summary>
internal sealed class ImageReportSamples : IReportSamples
{
    private const int Looked = 256, SheetRows = 6, SheetDraws = 4, PictureQuality = 85, SmallestTile = 32, LargestTile = 64;
    private readonly RunOptions _options;
    private readonly EncoderMetadata _encoder;
    private readonly int _channels, _tile;
    private readonly ImageDataset? _training, _reference, _queries;

    /// <summary>Opens the data that the options name, as far as they are there.</summary>
    /// <param name="options">Options of the run.</param>
    /// <param name="encoder">How its images are prepared.</param>
    /// <param name="channels">Channels that it takes.</param>
    /// <param name="missing">Takes a line for everything that cannot be opened.</param>
    internal ImageReportSamples(RunOptions options, EncoderMetadata encoder, int channels, MissingParts missing)
    {
        (_options, _encoder, _channels, _tile) = (options, encoder, channels, Math.Clamp(encoder.ImageSize, SmallestTile, LargestTile));
        _training = TryOpen("Training data", options.Data.Path, null, missing);
        _reference = options.Data.EvalTrain is { } train ? TryOpen("Evaluation training data", train, null, missing) : null;
        _queries = _reference is not null && options.Data.EvalTest is { } test ? TryOpen("Evaluation test data", test, _reference.ClassNames, missing) : null;
        var transform = new EvalTransform(new() { Mean = [.. encoder.Mean], Std = [.. encoder.Std] }, encoder.ImageSize, channels);
        Reference = SourceOf(_queries is null ? _training : _reference, transform);
        Queries = _queries is null ? Reference : SourceOf(_queries, transform);
        Facts = [.. FactsOf()];
        Classes = ClassesOf(_training);
    }

    /// <inheritdoc />
    public IEvalSource? Reference { get; }

    /// <inheritdoc />
    public IEvalSource? Queries { get; }

    /// <inheritdoc />
    public IReadOnlyList<(string Name, string Value)> Facts { get; }

    /// <inheritdoc />
    public IReadOnlyList<(string Class, int Count)> Classes { get; }

    /// <inheritdoc />
    public Html Views()
    {
        if (_training is null)
        {
            return Html.Empty;
        }
        using var images = new ReadableImages(new ImageSubset(_training, Spread(_training.Count, SheetRows)), _channels, new());
        var source = new ImageViewSource(images, _options.Views, _options.Data.ImageSize, _options.Seed, _channels);
        using var sheet = ContactSheet.Draw(images, source, _options.Views, _options.Data.ImageSize, SheetRows, SheetDraws);
        return Html.Of($"<img class=\"sheet\" alt=\"Original images beside draws of both view distributions\" src=\"{Picture(sheet)}\">");
    }

    /// <inheritdoc />
    public SampleTiles Tiles(IReadOnlyList<(IEvalSource Source, int Index)> samples)
    {
        int columns = Math.Max(1, (int)Math.Ceiling(Math.Sqrt(samples.Count)));
        int rows = Math.Max(1, (samples.Count + columns - 1) / columns);
        using var sheet = new SKBitmap(new SKImageInfo(columns * _tile, rows * _tile, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(sheet);
        foreach (var ((source, index), place) in samples.Select((s, i) => (s, i)))
        {
            Draw(canvas, source, index, place % columns * _tile, place / columns * _tile);
        }
        canvas.Flush();
        var style = Html.Of($$"""
            .tile { background: url({{Picture(sheet)}}) 0 0 / {{columns * LargestTile}}px auto; width: {{LargestTile}}px; height: {{LargestTile}}px; image-rendering: {{(_tile < LargestTile ? "pixelated" : "auto")}} }
            """);
        return new(style, [.. samples.Select((_, place) => Html.Of(
            $"<i class=\"tile\" style=\"background-position:{-(place % columns) * LargestTile}px {-(place / columns) * LargestTile}px\"></i>"))]);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _training?.Dispose();
        _reference?.Dispose();
        _queries?.Dispose();
    }

    private ImageDataset? TryOpen(string what, string path, IReadOnlyList<string>? classNames, MissingParts missing)
    {
        if (path.Length == 0)
        {
            missing.Add(what, "the run does not say where the data are");
            return null;
        }
        try
        {
            return ImageSources.Open(path, new() { MaxPixels = _options.Data.MaxPixels, DecodeShortSide = _options.Data.DecodeShortSide, ClassNames = classNames });
        }
        catch (UnusableDataException error)
        {
            missing.Add(what, error.Message);
            return null;
        }
    }

    private static ImageEvalSource? SourceOf(ImageDataset? data, EvalTransform transform) => data is null ? null : new(data, transform);

    private IEnumerable<(string Name, string Value)> FactsOf()
    {
        if (_training is null)
        {
            yield break;
        }
        int[] looked = Spread(_training.Count, Looked);
        var scan = ImageDataScan.Run(new ImageSubset(_training, looked), new() { Threads = TorchRuntime.AvailableCores }).Report;
        yield return ("Images", $"{Count(_training.Count)} in {_options.Data.Path}");
        if (_queries is not null)
        {
            yield return ("Evaluation", $"{Count(_reference!.Count)} in {_options.Data.EvalTrain}, {Count(_queries.Count)} in {_options.Data.EvalTest}");
        }
        yield return ("Looked at", $"{Count(looked.Length)} spread over the data; {(scan.Unreadable == 0 ? "all can be read" : $"{Count(scan.Unreadable)} cannot be read")}");
        if (scan is { Width: { } width, Height: { } height })
        {
            yield return ("Width", Sides(width));
            yield return ("Height", Sides(height));
        }
        yield return ("Channels", string.Join(", ", scan.Channels.Select(c => $"{c.Key} in {Count(c.Value)}")));
        yield return ("Pixel format", string.Join(", ", scan.PixelFormats.Select(f => $"{f.Key} in {Count(f.Value)}")));
    }

    private static IReadOnlyList<(string Class, int Count)> ClassesOf(ImageDataset? data)
    {
        var counts = data is null || data.ClassNames.Count == 0 ? [] : Enumerable.Range(0, data.Count).CountBy(data.LabelOf).ToDictionary();
        return [.. (data?.ClassNames ?? []).Select((name, label) => (name, counts.GetValueOrDefault(label)))];
    }

    /// <summary>The image as evaluation crops it; an unreadable one stays black.</summary>
    private void Draw(SKCanvas canvas, IEvalSource source, int index, int x, int y)
    {
        var view = new float[source.ViewShape.Aggregate(1L, (a, b) => a * b)];
        try
        {
            source.Render(index, view);
        }
        catch (UnreadableSampleException)
        {
            return;
        }
        int size = (int)source.ViewShape[1], area = size * size;
        using var bitmap = SheetDrawing.ToBitmap(size, size, _channels, (pixel, c) => view[c * area + pixel] * _encoder.Std[c] + _encoder.Mean[c]);
        using var image = SKImage.FromBitmap(bitmap);
        canvas.DrawImage(image, SKRect.Create(x, y, _tile, _tile), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear), null);
    }

    private static string Picture(SKBitmap bitmap)
    {
        using var encoded = bitmap.Encode(SKEncodedImageFormat.Webp, PictureQuality);
        return $"data:image/webp;base64,{Convert.ToBase64String(encoded.AsSpan())}";
    }

    /// <summary>Indices spread evenly, because sorted classes often differ.</summary>
    private static int[] Spread(int count, int wanted) => [.. Enumerable.Range(0, Math.Min(count, wanted)).Select(i => (int)((long)i * count / Math.Min(count, wanted)))];

    private static string Count(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Sides(SideSummary side) => side.Min == side.Max ? $"{side.Min} pixels" : $"{side.Min} to {side.Max} pixels, median {side.Median}";
}
