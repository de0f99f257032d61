using ByolSharp.Training;

namespace ByolSharp.Reporting;

/// <summary>The guard's verdict for people who have not read the documentation.</summary>
/// <param name="Title">Two or three words.</param>
/// <param name="Meaning">One sentence.</param>
/// <param name="Next">What to do; empty where all is well.</param>
/// <param name="Tone">Name of its colour: good, open or bad.</param>
internal sealed record VerdictWords(string Title, string Meaning, string Next, string Tone)
{
    /// <summary>Words for a verdict.</summary>
    internal static VerdictWords Of(CollapseVerdict verdict) => verdict.State switch
    {
        CollapseState.Healthy => new("Healthy", "The projections spread over many directions and the loss is finite: no sign of a collapse.", "", "good"),
        CollapseState.Starting => new(
            "Too early to say", "The run is shorter than what the collapse guard needs for a judgement.",
            "Train for a few hundred steps or more before judging it.", "open"),
        CollapseState.DimensionalCollapse => new(
            "Dimensional collapse", "The samples differ, but only in a few directions: the encoder uses little of its room.", Mend(verdict), "bad"),
        CollapseState.Collapsed => new("Collapsed", "All samples look alike to the network: nothing is learned any more.", Mend(verdict), "bad"),
        _ => new("Diverging", "The loss went back up to that of unrelated projections, or is no number.", Mend(verdict), "bad"),
    };

    private static string Mend(CollapseVerdict verdict) =>
        $"Likely cause: {verdict.Cause}. Start again with that changed; going on from this checkpoint seldom helps.";
}
