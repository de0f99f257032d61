namespace ByolSharp.Training;

/// <summary>The collapse guard's verdict on a run, from its log alone.</summary>
internal static class GuardReplay
{
    /// <summary>Shows the guard the logged figures in their order; a run that was resumed is judged as one.</summary>
    internal static CollapseVerdict Judge(RunMetrics metrics, RunOptions options)
    {
        var guard = new CollapseGuard(CollapseFacts.Of(options));
        int batch = options.Trainer.BatchSize / options.Trainer.AccumulationSteps;
        foreach (var line in metrics.Lines.Where(l => l.ContainsKey("projection_std")))
        {
            guard.Observe((long)line["step"], Of(line, "loss"), new(
                line["projection_std"], Of(line, "rank"), Of(line, "alignment"), Of(line, "uniformity"), batch, options.Byol.ProjectionSize));
        }
        return guard.Verdict;
    }

    private static double Of(IReadOnlyDictionary<string, double> line, string key) => line.GetValueOrDefault(key, double.NaN);
}
