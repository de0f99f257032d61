using System.Collections.Concurrent;
using System.Globalization;
using ByolSharp.Images;
using ByolSharp.Sources;
using ByolSharp.Video.Decoding;

namespace ByolSharp.Video;

/// <summary>Videos that are stored encoded, one sample one file or member of an archive.</summary>
internal sealed class EncodedVideos(StoredSamples samples, VideoDecoder decoder) : VideoDataset
{
    private readonly ConcurrentDictionary<int, VideoFacts> _facts = new();

    /// <summary>What video files are called.</summary>
    public static FileKind Kind { get; } = new("video", "videos", [".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".gif", ".mpg", ".mpeg"]);

    public override int Count => samples.Count;

    public override IReadOnlyList<string> ClassNames => samples.ClassNames;

    public override string NameOf(int index) => samples.NameOf(index);

    public override int LabelOf(int index) => samples.LabelOf(index);

    public override string? IdentityOf(int index) => samples.FileOf(index).Stamp is { } stamp
        ? string.Create(CultureInfo.InvariantCulture, $"video|{stamp}|{decoder.ShortSide}|{VideoDecoder.Version}")
        : null;

    internal override UInt128? ContentHashOf(int index) => samples.FileOf(index).ContentHash();

    public override VideoFacts FactsOf(int index) => _facts.GetOrAdd(index, Probe);

    public override Image[] Read(int index, FrameRange range) => decoder.Read(NameForTools(index), FactsOf(index), range);

    private VideoFacts Probe(int index)
    {
        string name = NameForTools(index);
        return Mp4Header.Read(samples.FileOf(index)) is { } facts && (long)facts.Width * facts.Height <= decoder.MaxPixels ? facts : decoder.Probe(name);
    }

    /// <summary>The file as ffmpeg opens it: a part of a file too, without being taken out of it.</summary>
    private string NameForTools(int index)
    {
        StoredFile file = samples.FileOf(index);
        if (new FileInfo(file.Path) is not { Exists: true, Length: var length })
        {
            throw new UnreadableSampleException("no such file");
        }
        if (length < file.Offset + (file.Length ?? 1))
        {
            throw new UnreadableSampleException(file.Length is null ? "is empty" : $"truncated: '{Path.GetFileName(file.Path)}' ends inside it");
        }
        return file.Length is { } part
            ? string.Create(CultureInfo.InvariantCulture, $"subfile,,start,{file.Offset},end,{file.Offset + part},,:{file.Path}")
            : $"file:{file.Path}";
    }
}
