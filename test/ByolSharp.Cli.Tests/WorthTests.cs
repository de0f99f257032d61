using System.Text.Json.Nodes;

namespace ByolSharp.Cli.Tests;

/// <summary>The ladder from pixels to the fine-tuned encoder, as a user climbs it.</summary>
public sealed class WorthTests : IDisposable
{
    private const int BadUsage = 2, Interrupted = 130;
    private static readonly string[] Demo = ["--train", "demo:train", "--test", "demo:test"];
    private readonly string _folder = Directory.CreateTempSubdirectory("byol-worth-").FullName;

    private string Run => Path.Combine(_folder, "run");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_run_is_compared_its_cells_are_kept_and_an_interrupt_loses_none()
    {
        string data = NoiseImages.Write(Path.Combine(_folder, "data"), count: 60, classes: 3); // small: what is kept is tested, not what is reached
        Assert.Equal(0, ByolProcess.Run(["pretrain", data, .. ByolProcess.Quick(Run)]).ExitCode);
        string encoder = Path.Combine(Run, "encoder.safetensors");
        byte[] before = File.ReadAllBytes(encoder);
        string[] command = ["worth", "--run", Run, "--train", data, "--test", data, "--labels", "20%,50%", "--seeds", "2", "--steps", "3", "--scratch-steps", "run", "--imported", encoder];
        string cells = Path.Combine(Run, "eval", "worth");

        if (!OperatingSystem.IsWindows())
        {
            using var process = ByolProcess.Start([.. command]);
            string? line;
            do
            {
                line = process.StandardOutput.ReadLine();
            }
            while (line?.StartsWith("random encoder, frozen, 20%", StringComparison.Ordinal) == false);
            ByolProcess.Signal(process, ByolProcess.SigInt);
            var stopped = ByolProcess.Finish(process);
            Assert.Equal((Interrupted, ""), (stopped.ExitCode, stopped.Error));
            Assert.Contains("the same command goes on", stopped.Output, StringComparison.Ordinal);
            Assert.True(Directory.GetFiles(cells, "*.json").Length >= 5);
        }

        var result = ByolProcess.Run([.. command, "--json"]).Json;
        Assert.Equal(7 * 2 * 2, Directory.GetFiles(cells, "*.json").Length);
        Assert.Equal(before, File.ReadAllBytes(encoder));
        var rungs = result["rungs"]!.AsArray();
        Assert.Equal(["pixels", "random", "scratch", "scratch-long", "imported", "frozen", "finetuned"], rungs.Select(r => (string)r!["rung"]!));
        Assert.All(rungs, r => Assert.All(r!["scores"]!.AsArray(), AssertScore));
        Assert.Equal(Scores(rungs, "imported"), Scores(rungs, "frozen")); // the same file
        Assert.All(["gains", "labels_saved", "sentence", "n_test", "seeds", "steps", "scratch_steps", "out"], key => Assert.True(result.ContainsKey(key), key));
        Assert.Equal((2, 1), ((int)result["labels_saved"]!.AsArray().Count, (int)result["scratch_steps"]!)); // 4 steps of 8 samples are less than one of 64

        var times = Directory.GetFiles(cells).ToDictionary(f => f, File.GetLastWriteTimeUtc);
        Assert.Equal(result.ToJsonString(), ByolProcess.Run([.. command, "--json"]).Json.ToJsonString());
        Assert.Equal(times, Directory.GetFiles(cells).ToDictionary(f => f, File.GetLastWriteTimeUtc));
    }

    [Theory]
    [InlineData("--labels 200% is no share", "--labels", "1%,200%")]
    [InlineData("shares of labels must be one or more, and differ", "--labels", "1%,1%")]
    [InlineData("seeds = 0", "--seeds", "0")]
    [InlineData("a length must be above 0", "--steps", "0")]
    [InlineData("--scratch-steps many does not work", "--scratch-steps", "many")]
    [InlineData("give --scratch-steps a number", "--scratch-steps", "run")]
    [InlineData("there is no run or encoder file")]
    public void Bad_input_is_one_line(string part, params string[] flags) =>
        BadInputTests.AssertOneLine(ByolProcess.Run(["worth", "--run", Run, .. Demo, .. flags]), BadUsage, part);

    private static void AssertScore(JsonNode? score)
    {
        Assert.InRange((double)score!["top1"]!, (double)score["top1_low"]!, (double)score["top1_high"]!);
        Assert.Equal(2, score["top1_by_seed"]!.AsArray().Count);
    }

    private static string Scores(JsonArray rungs, string key) => rungs.Single(r => (string)r!["rung"]! == key)!["scores"]!.ToJsonString();
}
