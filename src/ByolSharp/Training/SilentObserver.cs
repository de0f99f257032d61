namespace ByolSharp.Training;

/// <summary>Passes nothing on.</summary>
internal sealed class SilentObserver : ITrainingObserver
{
    public void OnStep(TrainProgress progress) { }

    public void OnMessage(string message) { }
}
