using System.Formats.Tar;
using ByolSharp.ObjectStorage;

namespace ByolSharp.Cli.Tests;

/// <summary>Data on object storage, from a real server: fetched once, continued, checked, kept up to date.</summary>
public sealed class RemoteDataTests : IDisposable
{
    private const string Place = $"s3://{S3Server.Bucket}/train";
    private readonly string _folder = Directory.CreateTempSubdirectory("byol-remote-").FullName;
    private readonly S3Server _server;
    private readonly string _shards, _mirror;

    public RemoteDataTests()
    {
        _server = new(Path.Combine(_folder, "server"));
        _shards = Directory.CreateDirectory(Path.Combine(_folder, "shards")).FullName;
        _mirror = Path.Combine(_folder, "mirror");
        for (int shard = 0; shard < 2; shard++)
        {
            string images = NoiseImages.Write(Path.Combine(_folder, $"images{shard}"), count: 16, areDifferent: true);
            TarFile.CreateFromDirectory(images, Path.Combine(_shards, Name(shard)), includeBaseDirectory: false);
            _server.Put($"train/{Name(shard)}", Path.Combine(_shards, Name(shard)));
        }
    }

    public void Dispose()
    {
        _server.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Trains_from_shards_as_if_they_were_here_and_fetches_them_once()
    {
        string near = Path.Combine(_folder, "near"), far = Path.Combine(_folder, "far");
        Assert.Equal(0, _server.Run(["pretrain", _shards, .. ByolProcess.Quick(near)]).ExitCode);
        var first = _server.Run(["pretrain", Place, "--mirror", _mirror, .. ByolProcess.Quick(far)]);
        var second = Read();

        Assert.True(first.ExitCode == 0, first.Output + first.Error);
        Assert.Contains("2 objects", first.Output, StringComparison.Ordinal);
        Assert.Contains("2 fetched", first.Output, StringComparison.Ordinal);
        Assert.Contains(" 0 fetched", second.Output, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(Path.Combine(near, "encoder.safetensors")), File.ReadAllBytes(Path.Combine(far, "encoder.safetensors")));
        Assert.Equal([Name(0), Name(1)], Directory.GetFiles(Path.Combine(_mirror, S3Server.Bucket, "train")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void One_object_can_be_named_too()
    {
        var outcome = _server.Run("doctor", $"{Place}/{Name(1)}", "--json");

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Equal(16, outcome.Json["data"]!["readable"]!.GetValue<int>());
        Assert.True(File.Exists(Path.Combine(_folder, "server", "cache", "byol", "s3", S3Server.Bucket, "train", Name(1))));
    }

    [Fact]
    public void A_half_fetched_object_is_continued()
    {
        byte[] whole = File.ReadAllBytes(Path.Combine(_shards, Name(0)));
        string part = WritePart(whole.AsSpan(0, whole.Length / 2));
        var outcome = Read();

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Contains(" 206 ", _server.Log, StringComparison.Ordinal);
        Assert.Equal(whole, File.ReadAllBytes(Mirrored(0)));
        Assert.False(File.Exists(part));
    }

    [Fact, Trait("Speed", "Slow")]
    public void What_was_fetched_wrong_is_found_at_the_end_and_fetched_anew()
    {
        byte[] whole = File.ReadAllBytes(Path.Combine(_shards, Name(0)));
        WritePart(new byte[whole.Length / 2]);
        var outcome = Read();

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Equal(whole, File.ReadAllBytes(Mirrored(0)));
    }

    [Theory, Trait("Speed", "Slow")]
    [InlineData(ByolProcess.SigKill)]
    [InlineData(ByolProcess.SigInt)]
    public void A_command_that_was_ended_goes_on_where_it_stopped(int signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent by kill()");
        string large = Path.Combine(_folder, "large.bin");
        byte[] bytes = new byte[40_000_000];
        new Random(1).NextBytes(bytes);
        File.WriteAllBytes(large, bytes);
        _server.Put("large/x.tar", large);
        string parts = Path.Combine(_mirror, ".state", S3Server.Bucket, "parts");
        using (var process = _server.Launch("doctor", $"s3://{S3Server.Bucket}/large", "--mirror", _mirror))
        {
            while (!process.HasExited && (!Directory.Exists(parts) || Directory.GetFiles(parts).Length == 0))
            {
                Thread.Sleep(1);
            }
            _server.Freeze();
            ByolProcess.Signal(process, signal);
            Assert.Equal(signal == ByolProcess.SigInt ? 130 : 128 + ByolProcess.SigKill, ByolProcess.Finish(process).ExitCode);
            _server.Thaw();
        }
        string file = Path.Combine(_mirror, S3Server.Bucket, "large", "x.tar");
        Assert.False(File.Exists(file), "it was not killed in time");
        _server.Run("doctor", $"s3://{S3Server.Bucket}/large", "--mirror", _mirror);

        Assert.Equal(bytes, File.ReadAllBytes(file));
    }

    [Fact]
    public void A_damaged_copy_is_noticed_and_one_whose_time_did_not_change_where_that_is_asked_for()
    {
        Read();
        byte[] whole = File.ReadAllBytes(Mirrored(0));
        Damage(Mirrored(0), keepsTime: false);
        var noticed = Read();

        Assert.Contains("is not what was fetched; fetching it again", noticed.Output, StringComparison.Ordinal);
        Assert.Equal(whole, File.ReadAllBytes(Mirrored(0)));
        Damage(Mirrored(0), keepsTime: true);
        Assert.Contains(" 0 fetched", Read().Output, StringComparison.Ordinal);
        Assert.Contains(" 1 fetched", Read("--check-mirror").Output, StringComparison.Ordinal);
        Assert.Equal(whole, File.ReadAllBytes(Mirrored(0)));
    }

    [Fact]
    public void A_changed_object_is_fetched_again_and_a_deleted_one_is_removed()
    {
        Read();
        string changed = Path.Combine(_folder, "changed.tar");
        File.Copy(Path.Combine(_shards, Name(0)), changed);
        Damage(changed, keepsTime: false);
        _server.Put($"train/{Name(0)}", changed);
        _server.Delete($"train/{Name(1)}");
        var outcome = Read();

        Assert.Contains("1 objects", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("1 fetched, 1 removed", outcome.Output, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(changed), File.ReadAllBytes(Mirrored(0)));
        Assert.False(File.Exists(Mirrored(1)));
    }

    [Fact]
    public void Of_two_processes_one_fetches()
    {
        using var one = _server.Launch("doctor", Place, "--mirror", _mirror);
        using var two = _server.Launch("doctor", Place, "--mirror", _mirror);
        Outcome[] outcomes = [ByolProcess.Finish(one), ByolProcess.Finish(two)];

        Assert.All(outcomes, outcome => Assert.True(outcome.ExitCode == 0, outcome.Error));
        Assert.Single(outcomes, outcome => outcome.Output.Contains("2 fetched", StringComparison.Ordinal));
        Assert.Single(outcomes, outcome => outcome.Output.Contains(" 0 fetched", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("s3://other/train", 3, "no bucket 'other'")]
    [InlineData("s3://photos/nothing", 3, "nothing at s3://photos/nothing")]
    [InlineData("s3://X", 2, "names no bucket")]
    public void What_is_wrong_with_a_place_is_one_line(string place, int exitCode, string message) => AssertOneLine(_server.Run("doctor", place, "--mirror", _mirror), exitCode, message);

    [Fact]
    public void No_key_that_leaves_the_folder_is_followed()
    {
        // The server stores no such objects, hence the look at the rule itself.
        Assert.All(["../x", "a/../../x", "/x", "a//b", "a/./b", "a\nb", ".."], key => Assert.False(ObjectMirror.IsSafe(key), key));
        Assert.All(["x", "a/b.tar", "..x/y..", "a b/ü.tar"], key => Assert.True(ObjectMirror.IsSafe(key), key));
    }

    [Fact]
    public void A_wrong_key_is_one_line_that_keeps_the_secret()
    {
        const string secret = "wJalrXUtnFEMIbPxRfiCYEXAMPLEKEY";
        string run = Path.Combine(_folder, "run");
        var variables = _server.Variables;
        (variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"]) = ("UNKNOWN", secret);
        using var mirrored = ByolProcess.Start(variables, "pretrain", Place, "--out", run, "--verbose");
        using var backed = ByolProcess.Start(variables, ["pretrain", "demo:train", .. ByolProcess.Quick(run), "--backup", $"s3://{S3Server.Bucket}/runs"]);
        Outcome verbose = ByolProcess.Finish(mirrored), plain = ByolProcess.Finish(backed);

        Assert.Equal(2, verbose.ExitCode);
        AssertOneLine(plain, 2, "refuses access to s3://photos/runs (InvalidAccessKeyId); check AWS_ACCESS_KEY_ID");
        string[] written = [.. Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".tar", StringComparison.Ordinal)).Select(File.ReadAllText)];
        Assert.All([verbose.Output, verbose.Error, plain.Output, plain.Error, .. written], text => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        AssertOneLine(_server.Run("doctor", $"s3://{secret}:x@{S3Server.Bucket}/train"), 2, "holds no credentials", without: secret);
    }

    [Fact]
    public void A_server_that_is_away_is_one_line()
    {
        _server.Kill();
        var outcome = _server.Run("doctor", Place, "--mirror", _mirror);
        _server.Start();

        AssertOneLine(outcome, 1, "cannot reach http://127.0.0.1:");
    }

    private static string Name(int shard) => $"shard-{shard}.tar";

    private static void AssertOneLine(Outcome outcome, int exitCode, string message, string? without = null)
    {
        Assert.Equal(exitCode, outcome.ExitCode);
        Assert.Contains(message, Assert.Single(outcome.ErrorLines), StringComparison.Ordinal);
        Assert.DoesNotContain(without ?? "\0", outcome.Error, StringComparison.Ordinal);
    }

    private Outcome Read(params string[] more) => _server.Run(["doctor", Place, "--mirror", _mirror, .. more]);

    private string Mirrored(int shard) => Path.Combine(_mirror, S3Server.Bucket, "train", Name(shard));

    /// <summary>Leaves the first shard as if its fetching had been killed.</summary>
    private string WritePart(ReadOnlySpan<byte> bytes)
    {
        string key = $"train/{Name(0)}", parts = Directory.CreateDirectory(Path.Combine(_mirror, ".state", S3Server.Bucket, "parts")).FullName;
        string part = Path.Combine(parts, ObjectDownload.PartName(key, _server.Client.GetObjectMetadataAsync(S3Server.Bucket, key).GetAwaiter().GetResult().ETag));
        File.WriteAllBytes(part, bytes);
        return part;
    }

    private static void Damage(string path, bool keepsTime)
    {
        var time = File.GetLastWriteTimeUtc(path);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
        File.SetLastWriteTimeUtc(path, keepsTime ? time : time.AddSeconds(2));
    }
}
