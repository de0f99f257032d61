using ByolSharp.Images.Sources;

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

        try
        {
            if (Path.GetFileName(data).AsSpan().ContainsAny('*', '?') && !Path.Exists(data))
            {
                return OpenPattern(data, options);
            }

            if (Directory.Exists(data))
            {
                return OpenFolder(data, options)
                    ?? throw new UnusableDataException($"no images in '{data}': looked for {Looked}{Hint(data, options)}");
            }

            return File.Exists(data) ? OpenFile(data, options) : throw new UnusableDataException($"'{data}' does not exist");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnusableDataException($"'{data}' cannot be read: {e.Message}", e);
        }
    }

    private static string Looked =>
        $"image files ({string.Join(' ', ImageFolder.Extensions)}), tar shards (*.tar), CIFAR-10 (*.bin) and IDX (*-images-idx3-ubyte)";

    private static ImageDataset OpenPattern(string pattern, ImageSourceOptions options)
    {
        string folder = Path.GetDirectoryName(pattern) is { Length: > 0 } named ? named : ".";
        string[] files = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, Path.GetFileName(pattern))] : [];
        return files.Length == 0
            ? throw new UnusableDataException($"no file matches '{pattern}'")
            : TarShards.Open(files, options);
    }

    private static ImageDataset OpenFile(string file, ImageSourceOptions options)
    {
        string name = Path.GetFileName(file).ToLowerInvariant();
        return Path.GetExtension(name) switch
        {
            ".txt" => ImageFileList.OpenText(file, options),
            ".csv" => ImageFileList.OpenCsv(file, options),
            ".tar" or ".tgz" => TarShards.Open([file], options),
            ".bin" => CifarBinary.Open([file], options),
            _ when IdxImages.IsImageFile(name) => IdxImages.Open([file], options),
            _ when name.Contains(".tar.", StringComparison.Ordinal) => TarShards.Open([file], options),
            _ when ImageFolder.IsImageName(name) => throw new UnusableDataException($"'{file}' is a single image: name its folder"),
            _ => throw new UnusableDataException(
                $"'{file}' is of no kind that is known: name a folder, a list (.txt, .csv), a .tar, a CIFAR-10 .bin or an IDX file"),
        };
    }

    private static ImageDataset? OpenFolder(string folder, ImageSourceOptions options)
    {
        if (ImageFolder.TryOpen(folder, options) is { } images)
        {
            return images;
        }

        string[] files = [.. Directory.EnumerateFiles(folder)];
        string[] idx = [.. files.Where(f => IdxImages.IsImageFile(Path.GetFileName(f).ToLowerInvariant()))];
        if (idx.Length > 0)
        {
            return IdxImages.Open(idx, options);
        }

        string[] bins = [.. files.Where(f => f.EndsWith(".bin", StringComparison.OrdinalIgnoreCase))];
        if (bins.Length > 0)
        {
            return CifarBinary.Open(bins, options);
        }

        string[] tars = [.. files.Where(f => f.EndsWith(".tar", StringComparison.OrdinalIgnoreCase))];
        return tars.Length > 0 ? TarShards.Open(tars, options) : null;
    }

    /// <summary>Points at a sub-folder that would work: data is often unpacked one level deeper, as train and test.</summary>
    private static string Hint(string folder, ImageSourceOptions options)
    {
        // Backwards, so that train comes before test.
        foreach (string sub in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal).Reverse())
        {
            try
            {
                using ImageDataset? opened = OpenFolder(sub, options);
                if (opened is not null)
                {
                    return $"; did you mean '{sub}'?";
                }
            }
            catch (Exception e) when (e is UnusableDataException or IOException or UnauthorizedAccessException)
            {
                // Only a hint: what cannot be opened is not worth one.
            }
        }

        return "";
    }
}
