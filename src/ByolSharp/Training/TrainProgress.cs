using System.Globalization;

namespace ByolSharp.Training;

/// <summary>Where a training stands; given to observers after every step.</summary>
public sealed record TrainProgress
{
    /// <summary>Steps done.</summary>
    public required long Step { get; init; }

    /// <summary>Steps of the whole training.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>Passes over the data so far.</summary>
    public required double Epoch { get; init; }

    /// <summary>BYOL loss of the step, 0 to 8.</summary>
    public required double Loss { get; init; }

    /// <summary>Learning rate of the step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>tau of the step.</summary>
    public required double Tau { get; init; }

    /// <summary>What the samples are, for people. Default samples.</summary>
    public string Samples { get; init; } = "samples";

    /// <summary>Samples a second since the line before.</summary>
    public required double SamplesPerSecond { get; init; }

    /// <summary>Share of the time spent waiting for data, 0 to 1.</summary>
    public required double DataWait { get; init; }

    /// <summary>Memory of the process, bytes.</summary>
    public required long Memory { get; init; }

    /// <summary>Time that the rest will take.</summary>
    public required TimeSpan Remaining { get; init; }

    /// <summary>Latest judgement of the collapse guard.</summary>
    public required CollapseVerdict Verdict { get; init; }

    /// <summary>Latest online kNN accuracy, 0 to 1, or null.</summary>
    public double? KnnTop1 { get; init; }

    /// <summary>Latest scores without labels, or null.</summary>
    public LabelFreeScores? Scores { get; init; }

    /// <summary>True where the step was written to metrics.jsonl.</summary>
    public bool IsLogged { get; init; }

    /// <summary>One line for people.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"step {Step}/{TotalSteps} epoch {Epoch:0.00} loss {Loss:0.0000} lr {LearningRate:0.0000} tau {Tau:0.00000} {SamplesPerSecond:0} {Samples}/s wait {DataWait:0.0%} mem {Memory >> 20} MiB eta {Remaining:hh\\:mm\\:ss} {Verdict.State}{(KnnTop1 is { } knn ? $" knn {knn:0.0%}" : "")}{(Scores is { Representation: var y } ? $" retrieval {y.Retrieval:0.0%} lidar {y.Lidar:0.0}" : "")}");
}

/// <summary>Told what a trainer does; the command line draws it.</summary>
public interface ITrainingObserver
{
    /// <summary>A step was done.</summary>
    void OnStep(TrainProgress progress);

    /// <summary>Something worth a line: a warning, an evaluation, a checkpoint that was passed over.</summary>
    void OnMessage(string message);

    /// <summary>A checkpoint was saved, and with it config.json, metrics.jsonl and, but for the best one, encoder.safetensors are up to date.</summary>
    /// <param name="folder">Its folder, "last" or "best". The next checkpoint moves it aside, so whoever reads it later opens its files now.</param>
    /// <param name="step">Steps done.</param>
    void OnCheckpoint(string folder, long step) { }
}
