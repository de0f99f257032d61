using System.Globalization;
using ByolSharp.Export;
using ByolSharp.Images;

namespace ByolSharp.Reporting;

/// <summary>Images of a run: thumbnails in one sprite sheet, and the contact sheet of both view distributions.</summary>
internal sealed class ImageReportSamples : IReportSamples
{
    private const int Looked = 256, SheetRows = 6, SheetDraws = 4, SmallestTile = 32, LargestTile = 64;
    private readonly RunOptions _options;
    private readonly EncoderMetadata _encoder;
    private readonly int _channels, _tile;
    private readonly ReportData<ImageDataset> _data;

    /// <summary>Opens the data that the options name, as far as they are there.</summary>
    /// <param name="options">Options of the run.</param>
    /// <param name="encoder">How its images are prepared.</param>
    /// <param name="channels">Channels that it takes.</param>
    /// <param name="missing">Takes a line for everything that cannot be opened.</param>
    internal ImageReportSamples(RunOptions options, EncoderMetadata encoder, int channels, MissingParts missing)
    {
        (_options, _encoder, _channels, _tile) = (options, encoder, channels, Math.Clamp(encoder.ImageSize, SmallestTile, LargestTile));
        _data = new(options, (path, classNames) => ImageSources.Open(
            path, new() { MaxPixels = options.Data.MaxPixels, DecodeShortSide = options.Data.DecodeShortSide, ClassNames = classNames }), missing);
        var transform = new EvalTransform(new() { Mean = [.. encoder.Mean], Std = [.. encoder.Std] }, encoder.ImageSize, channels);
        Reference = SourceOf(_data.Queries is null ? _data.Training : _data.Reference, transform);
        Queries = _data.Queries is null ? Reference : SourceOf(_data.Queries, transform);
        Facts = [.. FactsOf()];
        Classes = _data.Classes();
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
        if (_data.Training is not { } training)
        {
            return Html.Empty;
        }
        using var images = new ReadableImages(new ImageSubset(training, _data.Spread(SheetRows)), _channels, new());
        var source = new ImageViewSource(images, _options.Views, _options.Data.ImageSize, _options.Seed, _channels);
        using var sheet = ContactSheet.Draw(images, source, _options.Views, _options.Data.ImageSize, SheetRows, SheetDraws);
        return Html.Of($"<img class=\"sheet\" alt=\"Original images beside draws of both view distributions\" src=\"{SpriteSheet.Picture(sheet)}\">");
    }

    /// <inheritdoc />
    public SampleTiles Tiles(IReadOnlyList<(IEvalSource Source, int Index)> samples) => SpriteSheet.Of(
        samples.Count, new(_tile, _tile), new(LargestTile, LargestTile), (place, canvas, cell) =>
        {
            var (source, index) = samples[place];
            var view = new float[source.ViewShape.Aggregate(1L, (a, b) => a * b)];
            try
            {
                source.Render(index, view); // as evaluation crops it
                SpriteSheet.Draw(canvas, cell, view, (int)source.ViewShape[1], _encoder);
            }
            catch (UnreadableSampleException)
            {
                // stays black
            }
        });

    /// <inheritdoc />
    public void Dispose() => _data.Dispose();

    private static ImageEvalSource? SourceOf(ImageDataset? data, EvalTransform transform) => data is null ? null : new(data, transform);

    private IEnumerable<(string Name, string Value)> FactsOf()
    {
        foreach (var fact in _data.Facts("Images", _options))
        {
            yield return fact;
        }
        if (_data.Training is not { } training)
        {
            yield break;
        }
        int[] looked = _data.Spread(Looked);
        var scan = ImageDataScan.Run(new ImageSubset(training, looked), new() { Threads = TorchRuntime.AvailableCores }).Report;
        yield return ("Looked at", $"{Count(looked.Length)} spread over the data; {(scan.Unreadable == 0 ? "all can be read" : $"{Count(scan.Unreadable)} cannot be read")}");
        if (scan is { Width: { } width, Height: { } height })
        {
            yield return ("Width", width.Text(" pixels"));
            yield return ("Height", height.Text(" pixels"));
        }
        yield return ("Channels", string.Join(", ", scan.Channels.Select(c => $"{c.Key} in {Count(c.Value)}")));
        yield return ("Pixel format", string.Join(", ", scan.PixelFormats.Select(f => $"{f.Key} in {Count(f.Value)}")));
    }

    private static string Count(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
