using ByolSharp.Training;

namespace ByolSharp.Tests;

/// <summary>Cancels a training after a step.</summary>
/// <param name="step">The step; null lets it go on.</param>
/// <param name="stop">Cancelled then.</param>
/// <param name="next">Told everything too.</param>
internal sealed class StopAt(int? step, CancellationTokenSource stop, ITrainingObserver? next = null) : ITrainingObserver
{
    public void OnStep(TrainProgress progress)
    {
        next?.OnStep(progress);
        if (progress.Step == step)
        {
            stop.Cancel();
        }
    }

    public void OnMessage(string message) => next?.OnMessage(message);
}

/// <summary>Keeps what a training says.</summary>
internal sealed class Messages : ITrainingObserver
{
    public List<string> All { get; } = [];

    public void OnStep(TrainProgress progress) { }

    public void OnMessage(string message) => All.Add(message);
}
