using ByolSharp.Images;
using ByolSharp.Training;

namespace ByolSharp.Tests.Training;

/// <summary>Invariants 18 to 20: the same seed gives the same bits, and stopping at any step changes nothing.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Theory, InlineData(PredictorKind.Mlp), InlineData(PredictorKind.DirectPred)]
    public void Steps_save_load_steps_equals_all_steps_bit_for_bit(PredictorKind predictor)
    {
        byte[] whole = Train("whole", stopAt: null, predictor: predictor);
        Train("parts", stopAt: 3, predictor: predictor);
        Train("parts", stopAt: 7, predictor: predictor);
        byte[] parts = Train("parts", stopAt: null, predictor: predictor);

        Assert.Equal(whole, parts);
        Assert.Equal(Losses("whole"), Losses("parts"));
    }

    [Fact]
    public void The_number_of_data_threads_changes_nothing() => Assert.Equal(Train("one", workers: 1), Train("three", workers: 3));

    [Fact]
    public void Another_seed_gives_another_encoder() => Assert.NotEqual(Train("a", seed: 1), Train("b", seed: 2));

    [Theory]
    [InlineData("state.safetensors", true)]
    [InlineData("state.safetensors", false)]
    [InlineData("manifest.json", true)]
    [InlineData("manifest.json", false)]
    public void A_damaged_checkpoint_is_passed_over_for_the_one_before(string file, bool isTruncated)
    {
        byte[] whole = Train("whole", stopAt: null);
        Train("damaged", stopAt: 7);
        Damage(Path.Combine(_folder.Path, "damaged", "checkpoints", "last", file), isTruncated);
        var observer = new Messages();

        Assert.Equal(whole, Train("damaged", observer: observer));
        Assert.Contains(observer.All, m => m.Contains("damaged", StringComparison.Ordinal));
    }

    [Fact]
    public void A_run_without_a_whole_checkpoint_is_not_started_anew_in_silence()
    {
        Train("damaged", stopAt: 7);
        foreach (string state in Directory.GetFiles(Path.Combine(_folder.Path, "damaged", "checkpoints"), "state.safetensors", SearchOption.AllDirectories))
        {
            Damage(state, isTruncated: false);
        }

        var error = Assert.Throws<StorageException>(() => Train("damaged"));
        Assert.Contains("--overwrite", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resuming_with_other_options_is_refused()
    {
        Train("run", stopAt: 3);

        var error = Assert.Throws<ConfigurationException>(() => Train("run", tau: 0.5));
        Assert.Contains("other options", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_unfinished_checkpoint_is_ever_loaded()
    {
        byte[] whole = Train("whole", stopAt: null);
        Train("partial", stopAt: 3);
        string partial = Path.Combine(_folder.Path, "partial", "checkpoints", "last.partial");
        Directory.CreateDirectory(partial);
        File.WriteAllText(Path.Combine(partial, "state.safetensors"), "cut short");

        Assert.Equal(whole, Train("partial"));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Cuts the last third off, or turns one bit over: of a manifest in its step, which stays valid JSON.</summary>
    private static void Damage(string file, bool isTruncated)
    {
        byte[] bytes = File.ReadAllBytes(file);
        int place = file.EndsWith(".json", StringComparison.Ordinal) ? bytes.AsSpan().IndexOf("\"step\": "u8) + 8 : bytes.Length - 10;
        bytes[place] ^= 1;
        File.WriteAllBytes(file, isTruncated ? bytes[..(bytes.Length * 2 / 3)] : bytes);
    }

    private byte[] Train(string name, int? stopAt = null, int workers = 2, long seed = 5, double tau = 0.9, Messages? observer = null,
        PredictorKind predictor = PredictorKind.Mlp)
    {
        var options = SmallRun.Options(seed) with
        {
            Byol = SmallRun.Options(seed).Byol with { BaseTargetEma = tau, Predictor = predictor },
            Data = SmallRun.Options(seed).Data with { Workers = workers },
        };
        using var data = new GeneratedImages(new GeneratedImageOptions { Count = 64 });
        using var run = RunDirectory.Open(Path.Combine(_folder.Path, name), ExistingRun.Resume);
        using var stop = new CancellationTokenSource();
        Pretraining.Run(options, run, data, observer: new StopAt(stopAt, stop, observer), cancellation: stop.Token);
        return File.ReadAllBytes(run.Encoder);
    }

    private double[] Losses(string name) =>
        [.. File.ReadLines(Path.Combine(_folder.Path, name, "metrics.jsonl"))
            .Select(l => System.Text.Json.Nodes.JsonNode.Parse(l)!["loss"]!.GetValue<double>())];
}
