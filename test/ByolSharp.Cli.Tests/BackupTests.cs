namespace ByolSharp.Cli.Tests;

/// <summary>Checkpoints on object storage, on a real server: a run that lost its machine goes on from there with the same bits.</summary>
public sealed class BackupTests : IDisposable
{
    private const int Steps = 40;
    private const string Place = $"s3://{S3Server.Bucket}/runs/first", Checkpoints = "runs/first/checkpoints";
    private readonly string _folder = Directory.CreateTempSubdirectory("byol-backup-").FullName;
    private readonly S3Server _server;

    public BackupTests() => _server = new(Path.Combine(_folder, "server"));

    public void Dispose()
    {
        _server.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_run_whose_machine_is_gone_goes_on_from_its_backup_with_the_same_bits()
    {
        byte[] undisturbed = Undisturbed();
        string first = Run("first"), second = Run("second");
        Interrupt(first);
        Directory.Delete(first, recursive: true);
        var outcome = _server.Run([.. Arguments(second), "--resume", "--json"]);

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Contains("fetched step", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("resumed at step", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(Steps, outcome.Json["backup_step"]!.GetValue<int>());
        Assert.Equal(undisturbed, Encoder(second));
        Assert.Equal(undisturbed, File.ReadAllBytes(_server.FileOf("runs/first/encoder.safetensors")));
        Assert.Equal(Steps, File.ReadLines(Path.Combine(second, "metrics.jsonl")).Count());
        Assert.True(Directory.Exists(Path.Combine(second, "checkpoints", "best")));
    }

    [Fact]
    public void A_damaged_backup_is_passed_over_for_the_one_before()
    {
        byte[] undisturbed = Undisturbed();
        string first = Run("first"), second = Run("second");
        Interrupt(first);
        string newest = Kept("step").Last();
        string state = _server.FileOf($"{Checkpoints}/{newest}/state.safetensors");
        byte[] bytes = File.ReadAllBytes(state);
        bytes[^1] ^= 1;
        File.WriteAllBytes(state, bytes);
        File.WriteAllText(state[..^"object".Length] + "object.md5", Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(bytes)));
        var outcome = _server.Run([.. Arguments(second), "--resume"]);

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Contains("is damaged; using the one before", outcome.Output, StringComparison.Ordinal);
        Assert.Equal(undisturbed, Encoder(second));
    }

    [Fact]
    public void A_server_killed_in_the_middle_of_an_upload_costs_nothing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent by kill()");
        byte[] undisturbed = Undisturbed();
        string first = Run("first"), second = Run("second");
        using var process = _server.Launch(Arguments(first));
        PretrainTests.WaitForLines(Path.Combine(first, "metrics.jsonl"), 5, process);
        _server.Freeze();
        PretrainTests.WaitForLines(Path.Combine(first, "metrics.jsonl"), 9, process); // uploads wait, the training does not
        _server.Kill();
        _server.Start();
        var outcome = ByolProcess.Finish(process);

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Contains($"backup: {Place}, step {Steps}", outcome.Output, StringComparison.Ordinal);
        Assert.Equal(undisturbed, Encoder(first));
        Assert.Equal(0, _server.Run([.. Arguments(second), "--resume"]).ExitCode);
        Assert.Equal(undisturbed, Encoder(second));
        Assert.InRange(Kept("step").Length, 1, 2);
    }

    [Fact, Trait("Speed", "Slow")]
    public void A_server_that_stays_away_costs_a_warning_and_not_the_training()
    {
        string first = Run("first");
        using var process = _server.Launch(Arguments(first));
        PretrainTests.WaitForLines(Path.Combine(first, "metrics.jsonl"), 5, process);
        _server.Kill();
        while (!File.Exists(Path.Combine(first, "encoder.safetensors")) || File.ReadLines(Path.Combine(first, "metrics.jsonl")).Count() < Steps)
        {
            Thread.Sleep(50);
        }
        Thread.Sleep(3000); // it waits for the upload
        ByolProcess.Signal(process, ByolProcess.SigInt);
        var outcome = ByolProcess.Finish(process);
        _server.Start();

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Contains("is not complete", outcome.Output, StringComparison.Ordinal);
    }

    [Fact, Trait("Speed", "Slow")]
    public void Another_runs_backup_is_not_written_over_unasked()
    {
        Assert.Equal(0, _server.Run([.. Arguments(Run("first"))]).ExitCode);
        var refused = _server.Run([.. Arguments(Run("second"))]);
        var replaced = _server.Run([.. Arguments(Run("second")), "--overwrite"]);

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("already holds a backup; add --resume", Assert.Single(refused.ErrorLines), StringComparison.Ordinal);
        Assert.True(replaced.ExitCode == 0, replaced.Error);
    }

    private string[] Arguments(string run) =>
        ["pretrain", "demo:train", .. ByolProcess.Quick(run, Steps), "--set", "trainer.checkpointEvery=2steps", "--set", "trainer.scoreEvery=10steps", "--backup", Place];

    private byte[] Undisturbed()
    {
        string run = Run("undisturbed");
        Assert.Equal(0, _server.Run([.. Arguments(run)[..^2]]).ExitCode);
        return Encoder(run);
    }

    /// <summary>Trains until Ctrl-C, with two checkpoints stored.</summary>
    private void Interrupt(string run)
    {
        using var process = _server.Launch(Arguments(run));
        while (Kept("step").Length < 2)
        {
            Assert.False(process.HasExited, "the training ended before it was interrupted");
            Thread.Sleep(20);
        }
        ByolProcess.Signal(process, ByolProcess.SigInt);
        var outcome = ByolProcess.Finish(process);
        Assert.True(outcome.ExitCode == 130, outcome.Output + outcome.Error);
        Assert.Contains($"backup: {Place}, step", outcome.Output, StringComparison.Ordinal);
    }

    /// <summary>Names of the checkpoints of a kind that have a manifest, the oldest first.</summary>
    private string[] Kept(string kind)
    {
        string folder = Path.GetDirectoryName(_server.FileOf($"{Checkpoints}/x"))!;
        return Directory.Exists(folder)
            ? [.. Directory.GetDirectories(folder, $"{kind}-*").Where(c => File.Exists(Path.Combine(c, "manifest.json._S3rver_object"))).Select(c => Path.GetFileName(c)!).Order(StringComparer.Ordinal)]
            : [];
    }

    private string Run(string name) => Path.Combine(_folder, name);

    private static byte[] Encoder(string run) => File.ReadAllBytes(Path.Combine(run, "encoder.safetensors"));
}
