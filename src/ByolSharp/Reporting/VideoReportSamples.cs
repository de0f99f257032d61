using ByolSharp.Export;
using ByolSharp.Images;
using ByolSharp.Video;
using SkiaSharp;

namespace ByolSharp.Reporting;

/// <summary>Videos of a run: strips of a few frames in one sprite sheet, and the contact sheet of both view distributions.</summary>
internal sealed class VideoReportSamples : IReportSamples
{
    private const int Looked = 64, Channels = 3, SheetRows = 3, SheetDraws = 2, StripFrames = 4, FrameSide = 32;
    private const long CacheBytes = 1L << 30;
    private readonly RunOptions _options;
    private readonly EncoderMetadata _encoder;
    private readonly ReportData<VideoDataset> _data;

    /// <summary>Opens the data that the options name, as far as they are there.</summary>
    /// <param name="options">Options of the run.</param>
    /// <param name="encoder">How its clips are prepared.</param>
    /// <param name="missing">Takes a line for everything that cannot be opened.</param>
    internal VideoReportSamples(RunOptions options, EncoderMetadata encoder, MissingParts missing)
    {
        (_options, _encoder) = (options, encoder);
        var decoder = new VideoDecoder { MaxPixels = options.Data.MaxPixels, ShortSide = options.Data.DecodeShortSide };
        _data = new(options, (path, classNames) => new CachedVideos(VideoSources.Open(path, classNames, decoder), decoder.ShortSide, CacheBytes, folder: null), missing);
        Reference = SourceOf(_data.Queries is null ? _data.Training : _data.Reference);
        Queries = _data.Queries is null ? Reference : SourceOf(_data.Queries);
        Facts = [.. _data.Facts("Videos", options), .. LookedAt()];
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
        using var sheet = ClipSheet.Draw(
            new VideoSubset(training, _data.Spread(SheetRows)), _options.Views, _options.Video, _options.Data.ImageSize, SheetRows, SheetDraws, _options.Seed);
        return Html.Of($"<img class=\"sheet\" alt=\"Frames of original videos above draws of both view distributions\" src=\"{SpriteSheet.Picture(sheet)}\">");
    }

    /// <inheritdoc />
    public SampleTiles Tiles(IReadOnlyList<(IEvalSource Source, int Index)> samples)
    {
        var size = new SKSizeI(StripFrames * FrameSide, FrameSide);
        return SpriteSheet.Of(samples.Count, size, size, (place, canvas, cell) =>
        {
            var (source, index) = samples[place];
            var views = new float[source.ViewCount * source.ViewShape.Aggregate(1L, (a, b) => a * b)];
            try
            {
                source.Render(index, views);
            }
            catch (UnreadableSampleException)
            {
                return; // stays black
            }
            var clip = new ViewSpans(views, source.ViewCount)[0];
            int frames = (int)source.ViewShape[1], side = (int)source.ViewShape[2];
            var frame = new float[Channels * side * side];
            for (int shown = 0; shown < StripFrames; shown++)
            {
                ClipLayout.Take(clip, shown * (frames - 1) / (StripFrames - 1), frames, Channels, frame);
                var at = SKRectI.Create(cell.Left + shown * FrameSide, cell.Top, FrameSide, FrameSide);
                SpriteSheet.Draw(canvas, at, frame, side, _encoder);
            }
        });
    }

    /// <inheritdoc />
    public void Dispose() => _data.Dispose();

    private VideoEvalSource? SourceOf(VideoDataset? data) => data is null ? null : new(
        data, new(new() { Mean = [.. _encoder.Mean], Std = [.. _encoder.Std] }, _encoder.ImageSize, Channels, EvalCrop.ShortSide), _encoder.Video!);

    private IEnumerable<(string Name, string Value)> LookedAt()
    {
        if (_data.Training is not { } training || VideoScanFacts.Of(new VideoSubset(training, _data.Spread(Looked))) is not { } facts)
        {
            yield break;
        }
        yield return ("Looked at", FormattableString.Invariant($"the headers of {Math.Min(Looked, training.Count):N0} spread over the data; {facts.Readable:N0} can be read"));
        yield return ("Frames", facts.Frames.Text(""));
        yield return ("Length", facts.Seconds.Text(" s"));
        yield return ("Width", facts.Width.Text(" pixels"));
        yield return ("Height", facts.Height.Text(" pixels"));
    }
}
