using System.Globalization;

namespace ByolSharp.Training;

/// <summary>
/// Watches a run for collapse: BYOL has no negatives, so the same projection for every sample would be a perfect answer, and only its
/// dynamics keep it away (paper, 3.2). Reads figures that need no labels; decides by medians, so that one odd batch raises no alarm.
/// </summary>
public sealed class CollapseGuard
{
    private const int SmallestTellingLimit = 8; // a smaller batch or projection has a low rank anyway
    private readonly CollapseFacts _facts;
    private readonly CollapseGuardOptions _options;
    private readonly List<Observation> _recent = []; // the last two windows, oldest first
    private double _lowestLoss = double.PositiveInfinity;
    private bool _wasHealthy;

    /// <summary>A guard for one run.</summary>
    /// <param name="facts">The configuration, for naming causes.</param>
    /// <param name="options">Thresholds; absent: the defaults.</param>
    /// <exception cref="ConfigurationException">An option is out of range.</exception>
    public CollapseGuard(CollapseFacts facts, CollapseGuardOptions? options = null)
    {
        (_facts, _options) = (facts, options ?? new());
        if (_options.Window < 1 || _options.Patience < _options.StartSteps || _options.RecoveryFactor <= 1)
        {
            throw new ConfigurationException("the collapse guard needs window >= 1, patience >= startSteps and recoveryFactor > 1");
        }
        Verdict = new(CollapseState.Starting, "no step was observed yet", "", 0);
    }

    /// <summary>The judgement after the last observation.</summary>
    public CollapseVerdict Verdict { get; private set; }

    /// <summary>Takes in one observation and judges anew.</summary>
    /// <param name="step">The step, growing from call to call; every 10 to 50 steps is often enough.</param>
    /// <param name="loss">The loss of the step, the mean of both directions' sum, in [0, 8].</param>
    /// <param name="health">The step's projections.</param>
    public CollapseVerdict Observe(long step, double loss, RepresentationHealth health)
    {
        if (!double.IsFinite(loss) || !double.IsFinite(health.ProjectionStd))
        {
            string what = double.IsFinite(loss) ? "the projections are not finite" : $"the loss is {Text(loss)}";
            return Judge(CollapseState.Diverging, $"{what} at step {step}", step);
        }
        _recent.Add(new(loss, health));
        if (_recent.Count > 2 * _options.Window)
        {
            _recent.RemoveAt(0);
        }
        if (_recent.Count < _options.Window)
        {
            return Judge(CollapseState.Starting, $"{_recent.Count} of {_options.Window} observations", step);
        }
        var now = new Smoothed(_recent[^_options.Window..]);
        _lowestLoss = Math.Min(_lowestLoss, now.Loss);
        var state = StateAt(step, now);
        _wasHealthy |= state == CollapseState.Healthy;
        return Judge(state, Describe(state, now, health), step);
    }

    private CollapseState StateAt(long step, Smoothed now)
    {
        if (step < _options.StartSteps)
        {
            return CollapseState.Starting;
        }
        if (now.Loss >= _options.UnrelatedLoss && now.Loss >= _lowestLoss + _options.LossRise)
        {
            return CollapseState.Diverging;
        }
        double rank = now.RankLimit < SmallestTellingLimit ? now.RankLimit : now.Rank;
        bool collapsed = now.Std < _options.CollapsedStd || rank < _options.CollapsedRank;
        bool narrow = now.Std < _options.NarrowStd || rank < Math.Max(2, _options.NarrowRank * now.RankLimit);
        if (!collapsed && !narrow)
        {
            return CollapseState.Healthy;
        }
        if (!_wasHealthy && (step < _options.Patience || IsRecovering(now)))
        {
            return CollapseState.Starting;
        }
        return collapsed ? CollapseState.Collapsed : CollapseState.DimensionalCollapse;
    }

    /// <summary>Spreading since the window before: whichever figure is low, it grows.</summary>
    private bool IsRecovering(Smoothed now)
    {
        if (_recent.Count < 2 * _options.Window)
        {
            return false;
        }
        var before = new Smoothed(_recent[.._options.Window]);
        bool stdRises = now.Std > before.Std * _options.RecoveryFactor, rankRises = now.Rank > before.Rank * _options.RecoveryFactor;
        return now.Std < _options.NarrowStd ? stdRises : rankRises;
    }

    private string Describe(CollapseState state, Smoothed now, RepresentationHealth health)
    {
        string numbers = $"projection std {Text(now.Std * 100)}% of the healthy {Text(1 / Math.Sqrt(health.Size))}, "
            + $"rank {Text(now.Rank)} of {now.RankLimit}, loss {Text(now.Loss)}";
        return state switch
        {
            CollapseState.Starting => $"starting: {numbers}",
            CollapseState.Healthy => $"healthy: {numbers}",
            CollapseState.DimensionalCollapse when now.Std < _options.NarrowStd =>
                $"dimensional collapse, all projections in a narrow cone: {numbers}",
            CollapseState.DimensionalCollapse => $"dimensional collapse, few dimensions in use: {numbers}",
            CollapseState.Collapsed => $"collapsed, all samples look alike: {numbers}",
            _ => $"diverging, the loss went up from {Text(_lowestLoss)}: {numbers}",
        };
    }

    private CollapseVerdict Judge(CollapseState state, string reason, long step)
    {
        bool alarm = state is not (CollapseState.Starting or CollapseState.Healthy);
        return Verdict = new(state, reason, alarm ? _facts.CauseOf(state) : "", step);
    }

    private static string Text(double value) => value.ToString("G3", CultureInfo.InvariantCulture);

    private readonly record struct Observation(double Loss, RepresentationHealth Health);

    /// <summary>Medians over a window; the standard deviation as a share of its healthy value.</summary>
    private readonly record struct Smoothed(double Loss, double Std, double Rank, int RankLimit)
    {
        public Smoothed(List<Observation> window) : this(
            Median(window, o => o.Loss),
            Median(window, o => o.Health.RelativeStd),
            Median(window, o => o.Health.Rank),
            window[^1].Health.RankLimit)
        {
        }

        private static double Median(List<Observation> window, Func<Observation, double> figure) =>
            window.Select(figure).Order().ElementAt(window.Count / 2);
    }
}
