using ByolSharp.Images;
using ByolSharp.Video;

namespace ByolSharp;

/// <summary>What there is to say of the kinds of data; tells from data themselves whether they are images or videos.</summary>
public static class DataKinds
{
    /// <summary>What is counted of a kind, for people: images, clips, texts.</summary>
    public static string Samples(this DataKind kind) => kind switch { DataKind.Video => "clips", DataKind.Text => "texts", _ => "images" };

    /// <summary>
    /// The kind of some data: videos where the files are called so and no image lies among them. GIF files alone are images; what cannot be opened counts
    /// as images, whose error then says what was looked for.
    /// </summary>
    /// <param name="path">A folder, a list or tar shards, as <see cref="ImageSources.Open"/> and <see cref="VideoSources.Open"/> take them.</param>
    public static DataKind Of(string path)
    {
        try
        {
            using var images = ImageSources.Open(path);
            return images.Count > 0 && VideoSources.IsFilm(images.NameOf(0)) ? DataKind.Video : DataKind.Images; // a list may hold any names
        }
        catch (UnusableDataException)
        {
            return VideoSources.AreIn(path) ? DataKind.Video : DataKind.Images;
        }
    }
}
