using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Amazon.S3;

namespace ByolSharp.Cli.Tests;

/// <summary>
/// A server of objects (the npm package s3rver) on the loopback interface alone, which can be killed and started again. It knows one access key, and does not
/// look at version 4 signatures.
/// </summary>
internal sealed partial class S3Server : IDisposable
{
    internal const string Bucket = "photos", AccessKey = "S3RVER";
    private readonly string _folder;
    private readonly ConcurrentQueue<string> _log = [];
    private Process _process = null!;
    private string _port = "0";

    internal S3Server(string folder)
    {
        string[] places = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        Assert.SkipUnless(places.Any(place => File.Exists(Path.Combine(place, "s3rver"))), "no s3rver: npm install --global s3rver@3.7.1");
        _folder = folder;
        Start();
        Client = new AmazonS3Client(AccessKey, AccessKey, new AmazonS3Config
        {
            ServiceURL = $"http://127.0.0.1:{_port}",
            ForcePathStyle = true,
            RequestChecksumCalculation = Amazon.Runtime.RequestChecksumCalculation.WHEN_REQUIRED,
        });
    }

    /// <summary>What points a program at the server.</summary>
    internal Dictionary<string, string> Variables => new()
    {
        ["AWS_ENDPOINT_URL_S3"] = $"http://127.0.0.1:{_port}",
        ["AWS_ACCESS_KEY_ID"] = AccessKey,
        ["AWS_SECRET_ACCESS_KEY"] = AccessKey,
        ["AWS_EC2_METADATA_DISABLED"] = "true",
        ["AWS_SHARED_CREDENTIALS_FILE"] = Path.Combine(_folder, "no-credentials"),
        ["AWS_CONFIG_FILE"] = Path.Combine(_folder, "no-config"),
        ["XDG_CACHE_HOME"] = Path.Combine(_folder, "cache"),
    };

    internal AmazonS3Client Client { get; }

    /// <summary>What the server says of its requests.</summary>
    internal string Log => string.Join('\n', _log);

    /// <summary>The file in which the server keeps an object's bytes.</summary>
    internal string FileOf(string key) => Path.Combine(_folder, "objects", Bucket, key + "._S3rver_object");

    internal void Put(string key, string file) =>
        Client.PutObjectAsync(new() { BucketName = Bucket, Key = key, FilePath = file, UseChunkEncoding = false }).GetAwaiter().GetResult();

    internal void Delete(string key) => Client.DeleteObjectAsync(Bucket, key).GetAwaiter().GetResult();

    internal Process Launch(params string[] arguments) => ByolProcess.Start(Variables, arguments);

    internal Outcome Run(params string[] arguments)
    {
        using var process = Launch(arguments);
        return ByolProcess.Finish(process);
    }

    /// <summary>Stands still, in the middle of whatever it does.</summary>
    internal void Freeze() => ByolProcess.Signal(_process, ByolProcess.SigStop);

    /// <summary>Goes on.</summary>
    internal void Thaw() => ByolProcess.Signal(_process, ByolProcess.SigCont);

    internal void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>Starts it at the port that it had.</summary>
    internal void Start()
    {
        string[] arguments = ["-d", Path.Combine(_folder, "objects"), "-a", "127.0.0.1", "-p", _port, "--no-vhost-buckets", "--configure-bucket", Bucket];
        _process = Process.Start(new ProcessStartInfo("s3rver", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var port = new TaskCompletionSource<string>();
        _process.OutputDataReceived += (_, line) =>
        {
            _log.Enqueue(line.Data ?? "");
            if (Listening().Match(line.Data ?? "") is { Success: true } match)
            {
                port.TrySetResult(match.Groups[1].Value);
            }
        };
        _process.ErrorDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Assert.True(port.Task.Wait(TimeSpan.FromSeconds(30)), $"s3rver did not start: {Log}");
        _port = port.Task.Result;
    }

    public void Dispose()
    {
        Kill();
        Client.Dispose();
    }

    [GeneratedRegex(@"listening on 127\.0\.0\.1:(\d+)")]
    private static partial Regex Listening();
}
