namespace ByolSharp.Evaluation.FewLabels;

/// <summary>Which cells a <see cref="Ladder"/> has.</summary>
public sealed record LadderOptions
{
    /// <summary>Shares of the training labels, each above 0 and at most 1. Default 1%, 10% (paper, 4.2) and all.</summary>
    public IReadOnlyList<double> Shares { get; init; } = [0.01, 0.1, 1];

    /// <summary>Repetitions, at least 1, with seeds from 0: each draws labels, first weights and sample order anew. Default 3.</summary>
    public int Seeds { get; init; } = 3;

    /// <summary>Probability that an interval holds the true value, between 0 and 1. Default 0.95.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>Resamples of the bootstrap, at least 100. Default 2000.</summary>
    public int Resamples { get; init; } = 2000;

    /// <summary>Throws where a value is outside its range.</summary>
    /// <exception cref="ConfigurationException">The message names the value and what would be right.</exception>
    public void Validate()
    {
        if (Shares.Count == 0 || Shares.Distinct().Count() < Shares.Count)
        {
            throw new ConfigurationException("ladder: shares of labels must be one or more, and differ");
        }
        foreach (double share in Shares)
        {
            OptionCheck.Range("ladder: share of labels", share, 0, 1, includeLow: false);
        }
        OptionCheck.Range("ladder: seeds", Seeds, 1, 1000);
        OptionCheck.Range("ladder: resamples", Resamples, 100, 1_000_000);
        if (Confidence is not (> 0 and < 1))
        {
            throw new ConfigurationException($"ladder: confidence = {Confidence} does not work: give a number between 0 and 1");
        }
    }
}
