using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ByolSharp.Cli.Tests;

/// <summary>Decoded images on disk: counted over epochs and runs, killed while they are written.</summary>
public sealed partial class CacheTests : IDisposable
{
    private const int RecordLength = 40 + 20 * 20 * 3;
    private readonly string _folder = Directory.CreateTempSubdirectory("byol-cache-").FullName;

    private string Cache => Path.Combine(_folder, "cache");

    [Fact]
    public void The_second_epoch_and_the_second_run_decode_nothing_and_the_encoder_is_the_same()
    {
        string data = NoiseImages.Write(Path.Combine(_folder, "data"), count: 32, classes: 2);
        string[] evaluation = ["--eval-train", data, "--eval-test", data];

        byte[] plain = Train(data, "plain", steps: 8, evaluation).Encoder;
        var first = Train(data, "first", steps: 8, [.. evaluation, "--cache", Cache]);
        var second = Train(data, "second", steps: 8, [.. evaluation, "--cache", Cache]);

        Assert.Equal((32, 0), (first.Decoded, second.Decoded));
        Assert.InRange(first.Served, 8 * 8, int.MaxValue); // one epoch of two, and both evaluations
        Assert.Equal(plain, first.Encoder);
        Assert.Equal(plain, second.Encoder);
    }

    [Fact]
    public void Killed_while_it_fills_the_cache_keeps_what_it_had_and_the_next_run_adds_the_rest()
    {
        const int count = 400, enough = 50;
        string data = NoiseImages.Write(Path.Combine(_folder, "data"), count);
        using (var killed = ByolProcess.Start(["pretrain", data, .. ByolProcess.Quick(Path.Combine(_folder, "killed"), steps: 100_000), "--cache", Cache]))
        {
            WaitForRecords(enough, killed);
            killed.Kill();
            killed.WaitForExit();
        }

        byte[] plain = Train(data, "plain", steps: 60, []).Encoder;
        var second = Train(data, "second", steps: 60, ["--cache", Cache]);
        var third = Train(data, "third", steps: 60, ["--cache", Cache]);

        Assert.InRange(second.Decoded, 1, count - enough);
        Assert.Equal(0, third.Decoded);
        Assert.Equal(plain, second.Encoder);
        Assert.Equal(plain, third.Encoder);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Trains without a cache in memory; the counts are 0 where no cache was reported.</summary>
    private (int Served, int Decoded, byte[] Encoder) Train(string data, string name, int steps, string[] flags)
    {
        string run = Path.Combine(_folder, name);
        var outcome = ByolProcess.Run(["pretrain", data, .. ByolProcess.Quick(run, steps), "--set", "data.cacheMegabytes=0", .. flags]);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.DoesNotContain("damaged", outcome.Output, StringComparison.Ordinal);
        var counts = Counts().Match(outcome.Output);
        Assert.Equal(flags.Contains("--cache"), counts.Success);
        return (Number(counts.Groups[1]), Number(counts.Groups[2]), File.ReadAllBytes(Path.Combine(run, "encoder.safetensors")));
    }

    private void WaitForRecords(int count, Process process)
    {
        while (!Directory.Exists(Cache) || Directory.GetFiles(Cache, "*.pack").Sum(f => new FileInfo(f).Length) < count * RecordLength)
        {
            Assert.False(process.HasExited, "the training ended before it was killed");
            Thread.Sleep(2);
        }
    }

    private static int Number(Group digits) => digits.Success ? int.Parse(digits.Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"([\d,]+) samples came from it, ([\d,]+) were decoded")]
    private static partial Regex Counts();
}
