namespace ByolSharp.Sources;

/// <summary>Opens the data of a domain, recognised from what it is: folders, lists and tar shards, and what else the domain knows.</summary>
/// <param name="kind">The domain's files.</param>
/// <param name="classNames">Class names in the order of their labels, or null: those that the data shows.</param>
internal abstract class SourceOpener<T>(FileKind kind, IReadOnlyList<string>? classNames) where T : Dataset
{
    /// <summary>The class names given.</summary>
    protected IReadOnlyList<string>? ClassNames => classNames;

    /// <summary>What else is looked for in a folder, for the message; empty: nothing.</summary>
    protected virtual string OtherFiles => "";

    /// <summary>What else a single file may be, for the message; empty: nothing.</summary>
    protected virtual string OtherKinds => "";

    /// <summary>Opens data.</summary>
    /// <exception cref="UnusableDataException">Nothing is there, or nothing that is known.</exception>
    internal T Open(string data)
    {
        try
        {
            if (Path.GetFileName(data).AsSpan().ContainsAny('*', '?') && !Path.Exists(data))
            {
                return OpenPattern(data);
            }
            if (Directory.Exists(data))
            {
                return OpenFolder(data) ?? throw new UnusableDataException($"no {kind.Many} in '{data}': looked for {Looked}{Hint(data)}");
            }
            return File.Exists(data) ? OpenFile(data) : throw new UnusableDataException($"'{data}' does not exist");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnusableDataException($"'{data}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Single files, named as they are given, without labels.</summary>
    /// <exception cref="UnusableDataException">One is not there.</exception>
    internal T OpenFiles(IReadOnlyList<string> files) => files.FirstOrDefault(file => !File.Exists(file)) is { } missing
        ? throw new UnusableDataException($"there is no file '{missing}'")
        : Wrap(new FilesBelow("", [.. files], ClassLabels.FromNames(new string?[files.Count], null)));

    /// <summary>The domain's data set over stored samples.</summary>
    protected abstract T Wrap(StoredSamples samples);

    /// <summary>A folder of files that only this domain knows; null where it is none.</summary>
    protected virtual T? OpenOtherFolder(string[] files) => null;

    /// <summary>A file that only this domain knows; null where it is none.</summary>
    protected virtual T? OpenOtherFile(string file, string name) => null;

    private string Looked => $"{kind.One} files ({string.Join(' ', kind.Extensions)}){(OtherFiles.Length > 0 ? ", tar shards (*.tar), " : " and tar shards (*.tar)")}{OtherFiles}";

    private T OpenPattern(string pattern)
    {
        string folder = Path.GetDirectoryName(pattern) is { Length: > 0 } named ? named : ".";
        string[] files = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, Path.GetFileName(pattern))] : [];
        return files.Length == 0 ? throw new UnusableDataException($"no file matches '{pattern}'") : OpenShards(files);
    }

    private T OpenFile(string file)
    {
        string name = Path.GetFileName(file).ToLowerInvariant();
        return Path.GetExtension(name) switch
        {
            _ when OpenOtherFile(file, name) is { } other => other,
            ".txt" => Wrap(FileList.OpenText(file, classNames)),
            ".csv" => Wrap(FileList.OpenCsv(file, classNames)),
            ".tar" or ".tgz" => OpenShards([file]),
            _ when name.Contains(".tar.", StringComparison.Ordinal) => OpenShards([file]),
            _ when kind.Fits(name) => throw new UnusableDataException($"'{file}' is a single {kind.One}: name its folder"),
            _ => throw new UnusableDataException(
                $"'{file}' is of no kind that is known: name a folder, a list (.txt, .csv){(OtherKinds.Length > 0 ? ", a .tar, " : " or a .tar")}{OtherKinds}"),
        };
    }

    private T? OpenFolder(string folder)
    {
        if (FileFolder.TryOpen(folder, kind, classNames) is { } samples)
        {
            return Wrap(samples);
        }
        string[] files = [.. Directory.EnumerateFiles(folder)];
        string[] tars = [.. files.Where(f => f.EndsWith(".tar", StringComparison.OrdinalIgnoreCase))];
        return OpenOtherFolder(files) ?? (tars.Length > 0 ? OpenShards(tars) : null);
    }

    private T OpenShards(string[] shards) => Wrap(TarShards.Open(shards, kind, classNames));

    /// <summary>Points at a sub-folder that would work: data is often unpacked one level deeper, as train and test.</summary>
    private string Hint(string folder)
    {
        // Backwards, so that train comes before test.
        foreach (string sub in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal).Reverse())
        {
            try
            {
                using T? opened = OpenFolder(sub);
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
