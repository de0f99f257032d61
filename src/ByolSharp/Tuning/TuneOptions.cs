namespace ByolSharp.Tuning;

/// <summary>What a search does; tune.json holds it beside what came out.</summary>
public sealed record TuneOptions
{
    /// <summary>Options that all trials share; the first trial has no others. Their duration is that of a full training.</summary>
    public RunOptions Base { get; init; } = new();

    /// <summary>The space, a dimension a text; see <see cref="SearchDimension"/>.</summary>
    public IReadOnlyList<string> Space { get; init; } = [];

    /// <summary>Number of trials, the preset's own setting included, 2 or more.</summary>
    public int Trials { get; init; } = 16;

    /// <summary>One trial in so many goes on after a rung, 2 or more. Default 4.</summary>
    public int Reduction { get; init; } = 4;

    /// <summary>How settings are drawn.</summary>
    public SamplerKind Sampler { get; init; } = SamplerKind.Random;

    /// <summary>Seed of the draws. The seed of the trainings is that of the shared options, the same for all.</summary>
    public long Seed { get; init; }

    /// <summary>The figure that compares trials; see <see cref="ScoreKey"/>.</summary>
    public string Score { get; init; } = "knn";

    /// <summary>Length of all trainings together, in steps or time.</summary>
    public Duration Budget { get; init; }

    /// <summary>Length of a full training in steps or time; 0 for a quarter of the budget.</summary>
    public Duration Length { get; init; }

    /// <summary>Throws where a value is outside its range.</summary>
    public void Validate()
    {
        OptionCheck.Range("--trials", Trials, 2, 10_000);
        OptionCheck.Range("--reduction", Reduction, 2, 100);
        CheckLength("the budget (--steps, --time)", Budget);
        if (Length.Value != 0)
        {
            CheckLength("--length", Length);
        }
        Base.Validate();
        if (ScoreKey.Parse(Score).NeedsLabels && Base.Data.EvalTrain is null)
        {
            throw new ConfigurationException("--score knn needs labelled data: give --eval-train and --eval-test, or choose a figure that needs none, such as --score rankme.");
        }
        new SearchSpace([.. Space.Select(SearchDimension.Parse)]).Validate(Base);
    }

    private static void CheckLength(string name, Duration length)
    {
        if (length.Unit is not (DurationUnit.Steps or DurationUnit.Seconds) || length.Value <= 0)
        {
            throw new ConfigurationException($"{name} is {length}; give it in steps or time, above 0.");
        }
    }
}
