using System.Globalization;
using ByolSharp.Images;
using SkiaSharp;

namespace ByolSharp.Benchmarks;

/// <summary>Writes a data set that is in memory as one PNG file each, so that an end-to-end benchmark has to decode.</summary>
internal static class PngFolder
{
    /// <summary>Writes OUT/class/number.png for every image; files that are there are replaced.</summary>
    /// <param name="data">A folder with CIFAR-10's binary files, or anything else with RGB images that <see cref="ImageSources"/> opens.</param>
    /// <param name="folder">Where to; made where it is absent.</param>
    /// <returns>Files written.</returns>
    public static int Write(string data, string folder)
    {
        using ImageDataset images = ImageSources.Open(data);
        foreach (string name in images.ClassNames)
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
        }

        Parallel.For(0, images.Count, i =>
        {
            string name = i.ToString("D6", CultureInfo.InvariantCulture) + ".png";
            string of = images.LabelOf(i) == ImageDataset.NoLabel ? folder : Path.Combine(folder, images.ClassNames[images.LabelOf(i)]);
            File.WriteAllBytes(Path.Combine(of, name), Samples.Encode(ImageChannels.Convert(images.Read(i), 3), SKEncodedImageFormat.Png));
        });
        return images.Count;
    }
}
