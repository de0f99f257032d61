using ByolSharp.Evaluation;
using ByolSharp.Images;
using ByolSharp.Tests.Evaluation;
using ByolSharp.Training;
using TorchSharp;

namespace ByolSharp.Tests.Training;

/// <summary>Counts live tensors of the whole process, so nothing runs beside it.</summary>
[CollectionDefinition(nameof(WholeProcess), DisableParallelization = true)]
public sealed class WholeProcess;

[Collection(nameof(WholeProcess))]
public sealed class MemoryTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact, Trait("Speed", "Slow")]
    public void Five_hundred_steps_keep_memory_flat_and_the_number_of_live_tensors_constant()
    {
        var samples = Train(steps: 500);
        long early = samples.Where(s => s.Step is > 50 and <= 100).Max(s => s.Memory);

        Assert.Single(samples.Where(s => s.Step > 50).Select(s => s.Tensors).Distinct());
        Assert.All(samples.Where(s => s.Step > 100), s => Assert.True(s.Memory <= 1.03 * early, $"step {s.Step}: {s.Memory >> 20} MiB after {early >> 20} MiB"));
    }

    [Fact]
    public void A_few_steps_leave_no_tensor_behind() =>
        Assert.Single(Train(steps: 30).Where(s => s.Step > 10).Select(s => s.Tensors).Distinct());

    [Fact]
    public void A_linear_evaluation_leaves_no_tensor_behind()
    {
        var train = Blobs.Draw(200, 4, 2, 0.3, 1);
        LinearEval.Evaluate(train, train, cancellation: TestContext.Current.CancellationToken);
        long before = LiveTensors.CountAfterCollecting();

        LinearEval.Evaluate(train, train, cancellation: TestContext.Current.CancellationToken);

        Assert.InRange(torch.Tensor.TotalCount, 0, before);
    }

    public void Dispose() => _folder.Dispose();

    private List<(long Step, long Memory, long Tensors)> Train(int steps)
    {
        var options = SmallRun.Options() with
        {
            Trainer = SmallRun.Options().Trainer with { Duration = Duration.OfSteps(steps), LogEvery = Duration.OfSteps(10), ScoreEvery = Duration.OfSteps(10), CheckpointEvery = Duration.OfSteps(100) },
        };
        using var data = new GeneratedImages(new() { Count = 200 });
        using var run = RunDirectory.Open(_folder.Path, ExistingRun.Overwrite);
        LiveTensors.CountAfterCollecting(); // tensors that other tests left to the finalizer would go away in the middle of the training
        var recorder = new Recorder();
        Pretraining.Run(options, run, data, observer: recorder);
        return recorder.Samples;
    }

    private sealed class Recorder : ITrainingObserver
    {
        public List<(long, long, long)> Samples { get; } = [];

        public void OnStep(TrainProgress progress)
        {
            if (progress.IsLogged)
            {
                GC.Collect(); // what is held counts, not how lazily the collector works
                Samples.Add((progress.Step, Environment.WorkingSet, torch.Tensor.TotalCount));
            }
        }

        public void OnMessage(string message) { }
    }
}
