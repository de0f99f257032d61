using ByolSharp.Images;

namespace ByolSharp.Tuning;

/// <summary>What a few images tell of a data set.</summary>
/// <param name="Count">Samples.</param>
/// <param name="Classes">Classes, 0 without labels.</param>
/// <param name="Channels">Channels that suit it.</param>
/// <param name="Width">Median width in pixels.</param>
/// <param name="Height">Median height in pixels.</param>
/// <param name="ShortSide">Median of the shorter sides in pixels.</param>
public sealed record DataFacts(int Count, int Classes, int Channels, int Width, int Height, int ShortSide)
{
    /// <summary>Looks at some images, spread evenly because sorted classes often differ.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="look">How many to decode.</param>
    /// <exception cref="UnusableDataException">None of them can be read.</exception>
    public static DataFacts Look(ImageDataset data, int look = 64)
    {
        int wanted = Math.Min(look, data.Count);
        var images = Enumerable.Range(0, wanted).Select(i => TryRead(data, (int)((long)i * data.Count / wanted))).OfType<Image>().ToList();
        return images.Count == 0
            ? throw new UnusableDataException($"none of {wanted} images that were looked at can be read: run doctor on the data to see why")
            : new(data.Count, data.ClassNames.Count, ImageChannels.Detect(data), Median(images, i => i.Width), Median(images, i => i.Height),
                Median(images, i => Math.Min(i.Width, i.Height)));
    }

    private static Image? TryRead(ImageDataset data, int index)
    {
        try
        {
            return data.Read(index);
        }
        catch (UnreadableSampleException)
        {
            return null;
        }
    }

    private static int Median(List<Image> images, Func<Image, int> side) => images.Select(side).Order().ElementAt(images.Count / 2);
}
