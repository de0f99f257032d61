namespace ByolSharp.Evaluation.FewLabels;

/// <summary>All weights are trained on the labels, from where the network begins: see <see cref="FineTuning"/>.</summary>
/// <param name="key">As in <see cref="LadderRung"/>.</param>
/// <param name="name">As in <see cref="LadderRung"/>.</param>
/// <param name="role">As in <see cref="LadderRung"/>.</param>
/// <param name="open">Makes the network for a seed: pre-trained, or with random weights.</param>
/// <param name="identity">As in <see cref="LadderRung"/>.</param>
/// <param name="options">One setting, its length in steps; the seed is that of the repetition.</param>
public sealed class TrainedRung(
    string key, string name, RungRole role, Func<long, LabelledNetwork> open, Func<long, string> identity, FineTuneOptions options)
    : LadderRung(key, name, role, open, identity)
{
    /// <inheritdoc />
    public override int Steps { get; } = (int)options.Lengths[0].Value;

    /// <inheritdoc />
    public override string IdentityOf(long seed) => $"{base.IdentityOf(seed)} {OptionsJson.ToTree(options).ToJsonString()}";

    /// <inheritdoc />
    public override IReadOnlyList<int> Ranks(IReadOnlyList<int> samples, long seed, Action<int> report, CancellationToken cancellation)
    {
        using var network = Open(seed);
        return FineTuning.Run(
            network.Encoder, network.Train, samples, network.Test, options with { Seed = seed }, new StepCount(report), cancellation).Ranks;
    }

    private sealed class StepCount(Action<int> report) : IProgress<FineTuneProgress>
    {
        public void Report(FineTuneProgress value) => report((int)value.Step);
    }
}
