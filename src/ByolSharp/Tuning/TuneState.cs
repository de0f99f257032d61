using ByolSharp.Training;

namespace ByolSharp.Tuning;

/// <summary>A setting that is tried.</summary>
public sealed record Trial
{
    /// <summary>Number, from 0, which is the preset's own setting; also the name of its run directory.</summary>
    public int Number { get; init; }

    /// <summary>Where in the unit cube of the space it lies; empty for trial 0.</summary>
    public IReadOnlyList<double> Point { get; init; } = [];

    /// <summary>What differs from the shared options, as --set takes it.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Scores at the rungs that it reached, higher is better; NaN at the one where it failed.</summary>
    public IReadOnlyList<double> Scores { get; init; } = [];

    /// <summary>Why it failed; empty where it did not.</summary>
    public string Failure { get; init; } = "";
}

/// <summary>A search as it stands: tune.json, written after every rung of a trial, is all that resuming needs beside the run directories.</summary>
public sealed record TuneState
{
    private const string FileName = "tune.json";

    /// <summary>What was asked for.</summary>
    public TuneOptions Options { get; init; } = new();

    /// <summary>Steps of a full training with the shared options.</summary>
    public long FullSteps { get; init; }

    /// <summary>Steps of all trials together.</summary>
    public long BudgetSteps { get; init; }

    /// <summary>The trials so far, by number.</summary>
    public IReadOnlyList<Trial> Trials { get; init; } = [];

    /// <summary>Where a search keeps its state.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, FileName);

    /// <summary>Reads the state of a search.</summary>
    /// <exception cref="ConfigurationException">The file is damaged or of another form.</exception>
    public static TuneState Load(string folder) => OptionsJson.Read(new TuneState(), File.ReadAllText(PathIn(folder)), PathIn(folder));

    /// <summary>This state with a trial replaced or added.</summary>
    internal TuneState With(Trial trial) => this with { Trials = [.. Trials.Where(t => t.Number != trial.Number).Append(trial).OrderBy(t => t.Number)] };

    internal void Save(string folder) => RunDirectory.WriteAtomically(PathIn(folder), OptionsJson.Write(this) + "\n");
}
