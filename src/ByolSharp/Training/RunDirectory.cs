namespace ByolSharp.Training;

/// <summary>What to do where the run directory already holds a run.</summary>
public enum ExistingRun
{
    /// <summary>Refuse.</summary>
    Refuse,

    /// <summary>Go on from its newest checkpoint.</summary>
    Resume,

    /// <summary>Delete it and start anew.</summary>
    Overwrite,
}

/// <summary>The files of one run (docs/design.md, section 8). One process at a time holds it.</summary>
public sealed class RunDirectory : IDisposable
{
    /// <summary>Name of the report.</summary>
    public const string ReportName = "report.html";

    private static readonly string[] OwnFiles =
        ["config.json", "environment.json", "metrics.jsonl", "log.txt", "quarantine.txt", "encoder.safetensors", ReportName];

    private static readonly string[] OwnFolders = ["checkpoints", "eval", "tensorboard"];

    private readonly FileStream _lock;

    private RunDirectory(string path, FileStream @lock)
    {
        Path = path;
        _lock = @lock;
        Directory.CreateDirectory(Checkpoints);
        Directory.CreateDirectory(Evaluations);
    }

    /// <summary>Full path.</summary>
    public string Path { get; }

    /// <summary>config.json: the resolved options.</summary>
    public string Config => File("config.json");

    /// <summary>environment.json: versions, processor, threads.</summary>
    public string Environment => File("environment.json");

    /// <summary>metrics.jsonl.</summary>
    public string Metrics => File("metrics.jsonl");

    /// <summary>log.txt.</summary>
    public string Log => File("log.txt");

    /// <summary>quarantine.txt: samples that could not be read, with reasons.</summary>
    public string Quarantine => File("quarantine.txt");

    /// <summary>encoder.safetensors: the online encoder alone.</summary>
    public string Encoder => File("encoder.safetensors");

    /// <summary>report.html: what is known of the run, on one page.</summary>
    public string Report => File(ReportName);

    /// <summary>Folder of the checkpoints.</summary>
    public string Checkpoints => File("checkpoints");

    /// <summary>Folder of evaluation results.</summary>
    public string Evaluations => File("eval");

    /// <summary>Folder of the TensorBoard event files.</summary>
    public string TensorBoard => File("tensorboard");

    /// <summary>Opens or makes the directory and locks it.</summary>
    /// <exception cref="ConfigurationException">It holds a run and <paramref name="existing"/> refuses, it is in use, or it is not writable.</exception>
    public static RunDirectory Open(string path, ExistingRun existing)
    {
        string full = System.IO.Path.GetFullPath(path);
        FileStream @lock;
        try
        {
            if (existing == ExistingRun.Refuse && System.IO.File.Exists(System.IO.Path.Combine(full, "config.json")))
            {
                throw new ConfigurationException($"{path} already holds a run; add --resume to go on with it or --overwrite to start anew.");
            }
            Directory.CreateDirectory(full);
            @lock = new FileStream(System.IO.Path.Combine(full, "run.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            if (existing == ExistingRun.Overwrite)
            {
                Clear(full);
            }
            return new(full, @lock);
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new ConfigurationException($"cannot write to the run directory {path}: access denied; choose another --out.", denied);
        }
        catch (IOException failure)
        {
            throw new ConfigurationException($"cannot use the run directory {path}: {failure.Message.TrimEnd('.')}; is another run using it? Choose another --out.", failure);
        }
    }

    /// <summary>A file of the run.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes config.json and environment.json.</summary>
    public void WriteDescription(RunOptions options)
    {
        WriteAtomically(Config, OptionsJson.Write(options) + "\n");
        WriteAtomically(Environment, OptionsJson.Write(RunEnvironment.Describe()) + "\n");
    }

    /// <summary>Writes a small file so that it is whole or absent.</summary>
    public static void WriteAtomically(string path, string text)
    {
        System.IO.File.WriteAllText(path + ".partial", text);
        System.IO.File.Move(path + ".partial", path, overwrite: true);
    }

    /// <inheritdoc />
    public void Dispose() => _lock.Dispose();

    /// <summary>Deletes what a run writes and nothing else that a user may keep there.</summary>
    private static void Clear(string path)
    {
        foreach (string name in OwnFiles)
        {
            System.IO.File.Delete(System.IO.Path.Combine(path, name));
        }
        foreach (string name in OwnFolders.Select(n => System.IO.Path.Combine(path, n)).Where(Directory.Exists))
        {
            Directory.Delete(name, recursive: true);
        }
    }

    /// <summary>The lines of a file, none where there is no file; a training may be writing it.</summary>
    internal static IEnumerable<string> ReadLines(string path)
    {
        if (!System.IO.File.Exists(path))
        {
            yield break;
        }
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
