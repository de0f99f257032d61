namespace ByolSharp.Reporting;

/// <summary>How much work a report may be.</summary>
public sealed record ReportOptions
{
    /// <summary>
    /// Samples whose representations are computed, 0 or more; 0 leaves out everything that needs the encoder. Null (default): as many as ten seconds of
    /// two cores allow by the encoder's multiplications, 300 to 5,000, which depends on the encoder alone and so gives the same page everywhere.
    /// </summary>
    public int? Samples { get; init; }

    /// <summary>Points of the map, 4 or more; every one brings a thumbnail of about half a kilobyte. Default 1000.</summary>
    public int MapPoints { get; init; } = 1000;

    /// <summary>Points that a curve keeps, 4 or more. Default 1200: more than a screen has.</summary>
    public int CurvePoints { get; init; } = 1200;

    /// <summary>After this long the sections that need the encoder are left out. Default: no limit.</summary>
    public TimeSpan TimeLimit { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>Throws where a value is outside its range.</summary>
    /// <exception cref="ConfigurationException">It is.</exception>
    public void Validate()
    {
        OptionCheck.AtLeast("samples", Samples ?? 0, 0);
        OptionCheck.AtLeast("mapPoints", MapPoints, 4);
        OptionCheck.AtLeast("curvePoints", CurvePoints, 4);
    }
}
