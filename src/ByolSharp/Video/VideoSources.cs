using ByolSharp.Sources;

namespace ByolSharp.Video;

/// <summary>Opens video data of any kind that is known, recognised from what it is.</summary>
public static class VideoSources
{
    /// <summary>Opens video data.</summary>
    /// <param name="data">
    /// A folder of mp4, webm, mkv, avi, mov, gif or mpeg files, a list, or tar shards: names, order and labels are those of
    /// <see cref="Images.ImageSources.Open"/>.
    /// </param>
    /// <param name="classNames">Class names in the order of their labels, so that a test set gets the labels of its training set; null: those of the data.</param>
    /// <param name="decoder">Limits and size of frames; null: the defaults.</param>
    /// <exception cref="UnusableDataException">Nothing is there, or nothing that is known.</exception>
    /// <exception cref="ConfigurationException">ffmpeg is not installed.</exception>
    public static VideoDataset Open(string data, IReadOnlyList<string>? classNames = null, VideoDecoder? decoder = null)
    {
        Decoding.VideoTools.Require();
        return new Opener(classNames, decoder ?? new()).Open(data);
    }

    /// <summary>Opens single video files, named as they are given, without labels.</summary>
    /// <param name="files">Paths; what is no video fails when it is read.</param>
    /// <param name="decoder">Limits and size of frames; null: the defaults.</param>
    /// <exception cref="UnusableDataException">One is not there.</exception>
    /// <exception cref="ConfigurationException">ffmpeg is not installed.</exception>
    public static VideoDataset OpenFiles(IReadOnlyList<string> files, VideoDecoder? decoder = null)
    {
        Decoding.VideoTools.Require();
        return new Opener(null, decoder ?? new()).OpenFiles(files);
    }

    /// <summary>Whether a name is that of a video and of nothing else.</summary>
    internal static bool IsFilm(string name) => EncodedVideos.Kind.Fits(name) && !name.EndsWith(".gif", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether there are videos where a path points to; nothing is decoded, so ffmpeg need not be there.</summary>
    internal static bool AreIn(string data)
    {
        try
        {
            using var videos = new Opener(null, new()).Open(data);
            return videos.Count > 0;
        }
        catch (UnusableDataException)
        {
            return false;
        }
    }

    private sealed class Opener(IReadOnlyList<string>? classNames, VideoDecoder decoder) : SourceOpener<VideoDataset>(EncodedVideos.Kind, classNames)
    {
        protected override VideoDataset Wrap(StoredSamples samples) => new EncodedVideos(samples, decoder);
    }
}
