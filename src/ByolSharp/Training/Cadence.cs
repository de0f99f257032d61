using System.Diagnostics;
using ByolSharp.Distributed;

namespace ByolSharp.Training;

/// <summary>Says when something that happens every so often is due: every so many steps, or after so much time.</summary>
internal sealed class Cadence
{
    private readonly long _steps;
    private readonly TimeSpan _time;
    private readonly IReplicas _replicas;
    private readonly Stopwatch _since = Stopwatch.StartNew();

    /// <summary>Starts counting.</summary>
    /// <param name="every">The interval.</param>
    /// <param name="stepsPerEpoch">Steps of one epoch.</param>
    /// <param name="totalSteps">Steps of the whole training.</param>
    /// <param name="replicas">Who must say the same in the same step although their clocks differ; null: this process alone.</param>
    internal Cadence(Duration every, double stepsPerEpoch, long totalSteps, IReplicas? replicas = null)
    {
        _replicas = replicas ?? SingleReplica.Instance;
        if (every.Unit == DurationUnit.Seconds)
        {
            _time = TimeSpan.FromSeconds(every.Value);
        }
        else
        {
            // At least one step, unless it is "never".
            _steps = every.Value == 0 ? 0 : Math.Max(1, every.ToSteps(stepsPerEpoch, totalSteps));
        }
    }

    /// <summary>True once for every interval; ask after each step.</summary>
    internal bool IsDue(long step)
    {
        if (_time > TimeSpan.Zero)
        {
            bool due = _replicas.Any(_since.Elapsed >= _time);
            if (due)
            {
                _since.Restart();
            }
            return due;
        }
        return _steps > 0 && step % _steps == 0;
    }
}
