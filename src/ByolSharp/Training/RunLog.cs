using System.Globalization;

namespace ByolSharp.Training;

/// <summary>log.txt: what a run says, with the time; passes everything on to another observer.</summary>
internal sealed class RunLog : ITrainingObserver, IDisposable
{
    private readonly StreamWriter _file;
    private readonly ITrainingObserver? _next;

    internal RunLog(string path, ITrainingObserver? next)
    {
        _file = new StreamWriter(path, append: true) { AutoFlush = true, NewLine = "\n" };
        _next = next;
    }

    public void OnStep(TrainProgress progress)
    {
        if (progress.IsLogged)
        {
            Write(progress.ToString());
        }
        _next?.OnStep(progress);
    }

    public void OnMessage(string message)
    {
        Write(message);
        _next?.OnMessage(message);
    }

    public void OnCheckpoint(string folder, long step) => _next?.OnCheckpoint(folder, step);

    public void Dispose() => _file.Dispose();

    private void Write(string line) => _file.WriteLine($"{DateTime.Now.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} {line}");
}
