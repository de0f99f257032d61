using ByolSharp.Images;
using ByolSharp.Training;

namespace ByolSharp.Tuning;

/// <summary>A proposal for a training that takes a given time on this machine.</summary>
/// <param name="Data">What was seen of the data.</param>
/// <param name="Candidates">The recipes that suit the data, with their speed here.</param>
/// <param name="Chosen">The one that is taken.</param>
/// <param name="Values">The settings with their reasons.</param>
/// <param name="Options">All options; valid.</param>
/// <param name="Time">How long the training should take: the time that was given, or less where the data want no more.</param>
public sealed record TrainingPlan(
    DataFacts Data, IReadOnlyList<MeasuredCandidate> Candidates, MeasuredCandidate Chosen, IReadOnlyList<PlannedValue> Values, RunOptions Options, TimeSpan Time)
{
    /// <summary>Part of the measured speed that is relied on: starting, evaluating and saving take time too, and machines are seldom faster than measured.</summary>
    private const double Reserve = 0.93;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Looks at the data, measures the candidates and plans.</summary>
    /// <param name="data">What pretrain would be given.</param>
    /// <param name="time">How long the training may take.</param>
    /// <param name="adjust">Settings of the user's own, such as the device; they win over the plan.</param>
    /// <param name="observer">Told what is being measured.</param>
    /// <param name="cancellation">Ends early.</param>
    /// <exception cref="ByolException">Options or data do not work.</exception>
    public static TrainingPlan Make(string data, TimeSpan time, Func<RunOptions, RunOptions> adjust, ITrainingObserver observer, CancellationToken cancellation = default)
    {
        DataFacts facts;
        using (var images = ImageSources.Open(data))
        {
            observer.OnMessage("looking at the data…");
            facts = DataFacts.Look(images);
        }
        var speed = new CandidateSpeeds(candidate => OptionsOf(candidate, data, adjust), time * Reserve, facts, observer);
        var measured = PlanCandidate.All.Where(c => facts.ShortSide >= c.SmallestSide && facts.ShortSide <= c.LargestSide)
            .Select(candidate => speed.Measure(candidate, cancellation)).ToList();
        var chosen = measured.Last(m => m.Objection.Length == 0 || m == measured[0]);
        var start = OptionsOf(chosen.Candidate, data, adjust);
        double most = (double)PlanRules.MostEpochs * facts.Count, samples = Math.Min(most, chosen.SamplesPerSecond * time.TotalSeconds * Reserve);
        observer.OnMessage("measuring memory…");
        int fitting;
        using (var probe = new StepProbe(start, cancellation))
        {
            fitting = BatchSizeSearch.Find(probe, 8, start.Trainer.BatchSize, Patience).BatchSize;
        }
        var values = PlanRules.Apply(chosen.Candidate, start, facts.Count, samples, fitting);
        var options = adjust(values.Aggregate(start, (planned, value) => OptionsJson.Set(planned, $"{value.Key}={value.Value}")));
        options.Validate();
        return new(facts, measured, chosen, values, options, TimeSpan.FromSeconds(samples / chosen.SamplesPerSecond));
    }

    private static RunOptions OptionsOf(PlanCandidate candidate, string data, Func<RunOptions, RunOptions> adjust) =>
        adjust(candidate.Options with { Data = candidate.Options.Data with { Path = data } });
}
