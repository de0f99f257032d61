using System.Diagnostics;

namespace ByolSharp;

/// <summary>Parts of a training step in the order in which they run.</summary>
public enum StepPart
{
    /// <summary>Waiting for a batch.</summary>
    Wait,

    /// <summary>Copying the views to the device and into the layout that the kernels prefer.</summary>
    Layout,

    /// <summary>Online network and predictor, both views.</summary>
    OnlineForward,

    /// <summary>Target network, both views.</summary>
    TargetForward,

    /// <summary>The loss and all gradients.</summary>
    Backward,

    /// <summary>Clearing the gradients, their norm, the optimizer's step and the target's moving average.</summary>
    Optimizer,

    /// <summary>Health of the representations.</summary>
    Logging,
}

/// <summary>Adds up where the time of training steps goes.</summary>
/// <param name="synchronize">Waits for the device, so that its work counts where it was asked for; null for the CPU.</param>
public sealed class StepProfile(Action? synchronize = null)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly TimeSpan[] _times = new TimeSpan[Enum.GetValues<StepPart>().Length];
    private TimeSpan _last;

    /// <summary>Time of a part so far.</summary>
    public TimeSpan this[StepPart part] => _times[(int)part];

    /// <summary>Time of all parts so far.</summary>
    public TimeSpan Total => _times.Aggregate(TimeSpan.Zero, (a, b) => a + b);

    /// <summary>The time since the last mark belongs to no part.</summary>
    public void Skip()
    {
        synchronize?.Invoke();
        _last = _clock.Elapsed;
    }

    /// <summary>The time since the last mark belongs to this part.</summary>
    public void Mark(StepPart part)
    {
        synchronize?.Invoke();
        var now = _clock.Elapsed;
        _times[(int)part] += now - _last;
        _last = now;
    }
}
