using System.Diagnostics;
using ByolSharp.Training;

namespace ByolSharp.Cli;

/// <summary>Progress for a terminal: the present state in one line that is redrawn a few times a second.</summary>
internal sealed class LiveProgress(Action<string> show, Action<string> line) : ITrainingObserver
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private readonly Stopwatch _sinceShown = Stopwatch.StartNew();

    public void OnStep(TrainProgress progress)
    {
        if (progress.IsLogged || _sinceShown.Elapsed > Interval)
        {
            show(progress.ToString());
            _sinceShown.Restart();
        }
    }

    public void OnMessage(string message) => line(message);
}

/// <summary>Progress for a file or a pipe: a plain line every few seconds.</summary>
internal sealed class PlainProgress(Action<string> line) : ITrainingObserver
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private readonly Stopwatch _sinceShown = Stopwatch.StartNew();

    public void OnStep(TrainProgress progress)
    {
        if (progress.Step == 1 || progress.Step == progress.TotalSteps || _sinceShown.Elapsed > Interval)
        {
            line(progress.ToString());
            _sinceShown.Restart();
        }
    }

    public void OnMessage(string message) => line(message);
}

/// <summary>Counts for a file or a pipe: a plain line every few seconds.</summary>
internal sealed class PlainCount(string what, Action<string> line) : IProgress<(int Done, int Total)>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly Stopwatch _sinceShown = Stopwatch.StartNew();

    public void Report((int Done, int Total) value)
    {
        if (_sinceShown.Elapsed > Interval)
        {
            line($"{what}: {value.Done:N0} of {value.Total:N0}");
            _sinceShown.Restart();
        }
    }
}
