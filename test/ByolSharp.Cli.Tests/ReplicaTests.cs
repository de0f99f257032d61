using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using ByolSharp.Export;
using static TorchSharp.torch;

namespace ByolSharp.Cli.Tests;

/// <summary>Several replicas under a real mpirun: the same numbers as one process, and no way to hang.</summary>
public sealed class ReplicaTests : IDisposable
{
    private const double Tolerance = 1e-5;

    /// <summary>Steps so small that no ReLU switches because of the order in which sums were rounded, after which runs would part for good.</summary>
    private static readonly string[] SmallSteps = ["--set", "optimizer.kind=lars", "--set", "optimizer.baseLearningRate=0.002", "--set", "byol.predictor=mlp"];

    private static readonly string[] PlainSteps = ["--set", "optimizer.kind=sgd", "--set", "optimizer.weightDecay=0"];

    private readonly string _folder = Directory.CreateTempSubdirectory("byol-replicas-").FullName;

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Replicas_train_what_one_process_trains(int count)
    {
        string together = Train("together", 20, count, SmallSteps), alone = Train("alone", 20, 1, SmallSteps);

        using var expected = State(alone);
        using var actual = State(together);
        Assert.Equal(expected.Tensors.Keys.Order(), actual.Tensors.Keys.Order());
        Assert.Contains(expected.Tensors.Keys, key => key.StartsWith("target.", StringComparison.Ordinal) && key.EndsWith("running_var", StringComparison.Ordinal));
        // The momentum is the sum of the gradients of all steps, which jump where a ReLU switches; the other test compares gradients.
        Assert.All(expected.Tensors.Keys.Except(["optimizer.momentum"]), key => AssertNear(expected.Tensors[key], actual.Tensors[key], key));
        Assert.Equal(Losses(alone), Losses(together), (a, b) => Math.Abs(a - b) < Tolerance);
    }

    [Theory]
    [InlineData("byol.predictor=mlp")]
    [InlineData("byol.predictor=directPred")]
    [InlineData("trainer.accumulationSteps=2")]
    [InlineData("byol.varianceWeight=0.5", "byol.covarianceWeight=0.05")]
    [InlineData("byol.projectionNorm=batch", "byol.targetBatchNorm=eman")]
    public void Gradients_are_those_of_the_whole_batch(params string[] settings)
    {
        string[] flags = [.. PlainSteps, .. settings.SelectMany(setting => new[] { "--set", setting })];
        string together = Train("together", 1, 2, flags), alone = Train("alone", 1, 1, flags);

        using var expected = State(alone);
        using var actual = State(together);
        Tensor gradient = expected.Tensors["optimizer.momentum"], difference = actual.Tensors["optimizer.momentum"] - gradient;
        Assert.True(gradient.norm().item<float>() > 0.1);
        Assert.InRange(difference.norm().item<float>() / gradient.norm().item<float>(), 0, 2 * Tolerance); // kernels round by the rows they are given
    }

    [Theory]
    [InlineData("byol.predictor=mlp")]
    [InlineData("byol.predictor=directPred")]
    [InlineData("trainer.accumulationSteps=2")]
    public void Sums_during_the_backward_pass_are_those_after_it(string setting)
    {
        string[] flags = [.. SmallSteps, "--set", setting, "--set", "replicas.bucketKilobytes=16"];
        string after = Train("after", 10, 2, flags), during = Train("during", 10, 2, [.. flags, "--set", "replicas.overlapGradients=true"]);

        Assert.Equal(File.ReadAllBytes(StateFile(after)), File.ReadAllBytes(StateFile(during)));
    }

    [Fact, Trait("Speed", "Slow")]
    public void A_run_goes_on_bit_for_bit_with_as_many_replicas_and_almost_so_with_another_number()
    {
        string whole = Train("whole", 20, 2, [.. SmallSteps, "--set", "trainer.keepCheckpoints=3"]);
        // As if it had been killed after step 10.
        string parts = Path.Combine(_folder, "parts"), other = Path.Combine(_folder, "other");
        foreach (string run in new[] { parts, other })
        {
            Copy(Path.Combine(whole, "checkpoints", "step-00000010"), Path.Combine(run, "checkpoints", "last"));
            File.Copy(Path.Combine(whole, "config.json"), Path.Combine(run, "config.json"));
        }

        Assert.Contains("resumed at step 10 of 20", Run(2, parts, 20, [.. SmallSteps, "--resume"]).Output, StringComparison.Ordinal);
        Assert.Contains("resumed at step 10 of 20", Run(1, other, 20, [.. SmallSteps, "--resume"]).Output, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(StateFile(whole)), File.ReadAllBytes(StateFile(parts)));
        Assert.Equal(Losses(whole)[^1], Losses(other)[^1], Tolerance);
    }

    [Theory, Trait("Speed", "Slow")]
    [InlineData(ByolProcess.SigStop, "rank 1")]
    [InlineData(ByolProcess.SigKill, "rank 1")]
    public void A_lost_replica_ends_the_job_and_is_named(int signal, string named)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "replicas are found in /proc");
        string run = Path.Combine(_folder, "lost");
        using var job = ByolProcess.StartReplicas(2, ["pretrain", "demo:train", .. Flags(run, 100_000), "--set", "replicas.timeout=5s"]);
        while (!File.Exists(Path.Combine(run, "metrics.jsonl")) || File.ReadLines(Path.Combine(run, "metrics.jsonl")).Count() < 3)
        {
            Assert.False(job.HasExited, "the job ended by itself");
            Thread.Sleep(100);
        }
        int[] replicas = ReplicasOf(job);
        Assert.Equal(2, replicas.Length);
        ByolProcess.Signal(replicas[1], signal);
        var outcome = ByolProcess.Finish(job);

        Assert.NotEqual(0, outcome.ExitCode);
        Assert.Contains(named, outcome.Error + outcome.Output, StringComparison.Ordinal);
        Assert.True(SpinWait.SpinUntil(() => Array.TrueForAll(replicas, IsGone), TimeSpan.FromMinutes(1)), "a process is left");
    }

    [Fact]
    public void A_batch_that_does_not_divide_is_refused_with_the_numbers()
    {
        var outcome = ByolProcess.RunReplicas(3, ["pretrain", "demo:train", .. Flags(Path.Combine(_folder, "odd"), 2)]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Single(outcome.ErrorLines, line => line.Contains("trainer.batchSize is 32; 3 replicas", StringComparison.Ordinal));
    }

    [Fact]
    public void An_evaluation_is_shared_and_says_once_what_one_process_says()
    {
        string[] evaluation = ["knn-eval", "--random", "resnet8", "--image-size", "16", "--train", "demo:train", "--test", "demo:test", "--k", "20"];

        var alone = ByolProcess.Run([.. evaluation, "--json"]);
        var together = ByolProcess.RunReplicas(2, [.. evaluation, "--json"]);

        Assert.True(alone.ExitCode == 0 && together.ExitCode == 0, alone.Error + together.Error);
        var expected = JsonNode.Parse(alone.Output)!;
        var actual = JsonNode.Parse(together.Output)!; // a second result would be no JSON
        Assert.Equal(expected["n_test"]!.GetValue<int>(), actual["n_test"]!.GetValue<int>());
        Assert.InRange(Math.Abs(expected["top1"]!.GetValue<double>() - actual["top1"]!.GetValue<double>()), 0, 0.01); // rounding may move a neighbour
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Train(string name, int steps, int count, string[] flags)
    {
        string run = Path.Combine(_folder, name);
        var outcome = Run(count, run, steps, flags);
        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error);
        return run;
    }

    private static Outcome Run(int count, string run, int steps, string[] flags)
    {
        string[] arguments = ["pretrain", "demo:train", .. Flags(run, steps), .. flags];
        return count == 1 ? ByolProcess.Run(arguments) : ByolProcess.RunReplicas(count, arguments);
    }

    private static string[] Flags(string run, int steps) =>
        [.. ByolProcess.Quick(run, steps), "--set", "trainer.batchSize=32", "--set", "trainer.checkpointEvery=10steps", "--set", "byol.hiddenSize=32"];

    private static string StateFile(string run) => Path.Combine(run, "checkpoints", "last", "state.safetensors");

    private static SafeTensorsFile State(string run) => SafeTensors.Read(StateFile(run));

    private static double[] Losses(string run) =>
        [.. File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(line => JsonNode.Parse(line)!["loss"]!.GetValue<double>())];

    private static void AssertNear(Tensor expected, Tensor actual, string name)
    {
        double difference = (expected.to(ScalarType.Float64) - actual.to(ScalarType.Float64)).abs().max().item<double>();
        double size = expected.to(ScalarType.Float64).abs().max().item<double>();
        Assert.True(difference <= Tolerance * Math.Max(1, size), string.Create(CultureInfo.InvariantCulture, $"{name}: {difference} of {size}"));
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    /// <summary>The job's processes, by rank.</summary>
    private static int[] ReplicasOf(Process job) =>
        [.. File.ReadAllText($"/proc/{job.Id}/task/{job.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(id => int.Parse(id, CultureInfo.InvariantCulture))
            .Select(id => (Id: id, Rank: RankOf(id))).Where(replica => replica.Rank >= 0).OrderBy(replica => replica.Rank).Select(replica => replica.Id)];

    private static int RankOf(int id)
    {
        const string key = "OMPI_COMM_WORLD_RANK=";
        string? rank = File.ReadAllText($"/proc/{id}/environ").Split('\0').FirstOrDefault(variable => variable.StartsWith(key, StringComparison.Ordinal));
        return rank is null ? -1 : int.Parse(rank[key.Length..], CultureInfo.InvariantCulture);
    }

    private static bool IsGone(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }
}
