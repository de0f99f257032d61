using ByolSharp.Images.Sources;
using ByolSharp.Sources;

namespace ByolSharp.Images;

/// <summary>Opens image data of any kind that is known, recognised from what it is.</summary>
public static class ImageSources
{
    /// <summary>Opens image data.</summary>
    /// <param name="data">
    /// One of:
    /// <list type="bullet">
    /// <item>A folder of JPEG, PNG, WebP, BMP, GIF or TIFF files, nested as deep as it likes; the first folder level below it, if
    /// there is one, gives the labels.</item>
    /// <item>A file list: <c>.txt</c> with a path a line and, after a tab, optionally a label (empty lines and lines that start with
    /// # are skipped), or <c>.csv</c> with a header, a column <c>path</c> or <c>file</c> and optionally a column <c>label</c>. Paths
    /// are relative to the list.</item>
    /// <item>Tar shards: a <c>.tar</c> file, a pattern such as <c>shards-*.tar</c>, or a folder of them. The label is the text of the
    /// member <c>x.cls</c> beside <c>x.jpg</c>, or else the member's first folder level below
    /// the folder that all share.</item>
    /// <item>CIFAR-10 binary: a <c>.bin</c> file or a folder of them, where <c>test_batch.bin</c> is left out if training batches are
    /// there; class names from <c>batches.meta.txt</c> beside or above.</item>
    /// <item>IDX (MNIST): an <c>*-images-idx3-ubyte</c> file, gzip'd or not, or a folder of them, where test files (<c>t10k-</c>,
    /// <c>test-</c>) are left out if training files are there; labels from the <c>*-labels-idx1-ubyte</c> file beside.</item>
    /// <item><c>demo:train</c> or <c>demo:test</c>: the generated images of <see cref="GeneratedImages"/>.</item>
    /// </list>
    /// </param>
    /// <param name="options">Limits and class names; null: the defaults.</param>
    /// <returns>
    /// The samples in ordinal order of their names, the same on every machine (a list keeps its own order). Files that hold no
    /// readable image are among them and fail when read. Labels that are all whole numbers from 0 are taken as they are; other names
    /// are numbered in ordinal order.
    /// </returns>
    /// <exception cref="UnusableDataException">Nothing is there, or nothing that is known.</exception>
    public static ImageDataset Open(string data, ImageSourceOptions? options = null)
    {
        options ??= new ImageSourceOptions();
        if (data.StartsWith(DemoData.Scheme, StringComparison.Ordinal))
        {
            return DemoData.Open(data);
        }

        return new Opener(options).Open(data);
    }

    /// <summary>Opens single image files, named as they are given, without labels.</summary>
    /// <param name="files">Paths; what is no image fails when it is read.</param>
    /// <exception cref="UnusableDataException">One is not there.</exception>
    public static ImageDataset OpenFiles(IReadOnlyList<string> files) => new Opener(new()).OpenFiles(files);

    private sealed class Opener(ImageSourceOptions options) : SourceOpener<ImageDataset>(EncodedImages.Kind, options.ClassNames)
    {
        protected override string OtherFiles => "CIFAR-10 (*.bin) and IDX (*-images-idx3-ubyte)";

        protected override string OtherKinds => "a CIFAR-10 .bin or an IDX file";

        protected override ImageDataset Wrap(StoredSamples samples) => new EncodedImages(samples, options);

        protected override ImageDataset? OpenOtherFile(string file, string name) => Path.GetExtension(name) switch
        {
            ".bin" => CifarBinary.Open([file], ClassNames),
            _ when IdxImages.IsImageFile(name) => IdxImages.Open([file], ClassNames),
            _ => null,
        };

        protected override ImageDataset? OpenOtherFolder(string[] files)
        {
            string[] idx = [.. files.Where(f => IdxImages.IsImageFile(Path.GetFileName(f).ToLowerInvariant()))];
            if (idx.Length > 0)
            {
                return IdxImages.Open(idx, ClassNames);
            }

            string[] bins = [.. files.Where(f => f.EndsWith(".bin", StringComparison.OrdinalIgnoreCase))];
            return bins.Length > 0 ? CifarBinary.Open(bins, ClassNames) : null;
        }
    }
}
