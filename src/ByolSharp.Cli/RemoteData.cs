using System.CommandLine;
using System.CommandLine.Parsing;
using ByolSharp.Distributed;
using ByolSharp.ObjectStorage;

namespace ByolSharp.Cli;

/// <summary>
/// Data on object storage: before a command runs, what it is given as s3://bucket/prefix is brought up to date in a local mirror, and the command gets
/// the mirror's path in its place. So every command takes such data, and none has to know.
/// </summary>
internal static class RemoteData
{
    internal static readonly Option<string?> Mirror = new("--mirror") { Description = "Where data of s3://… places is copied to. Default: byol/s3 in the user's cache folder.", HelpName = "DIR", Recursive = true };

    internal static readonly Option<bool> ChecksMirror = new("--check-mirror") { Description = "Read the whole local copy of s3://… data and compare its checksums.", Recursive = true };

    /// <summary>Arguments and options of all commands that name data.</summary>
    private static readonly string[] DataNames = ["DATA", "DATA2", "--data", "--against", "--train", "--test", "--eval-train", "--eval-test"];

    /// <summary>The command line with local paths.</summary>
    internal static ParseResult Fetch(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        var given = arguments.CommandResult.Children.SelectMany(Tokens).Where(one => ObjectPlace.IsOne(one.Token.Value)).ToLookup(one => DataNames.Contains(one.Name));
        if (given[false].FirstOrDefault(one => one.Name != Backup.Place.Name) is { Name: { } name })
        {
            throw new ConfigurationException($"{name} cannot be on object storage; data and {Backup.Place.Name} can. Give a local path.");
        }
        var paths = new Dictionary<Token, string>(ReferenceEqualityComparer.Instance);
        foreach (var (_, token) in given[true])
        {
            paths[token] = Fetch(ObjectPlace.Parse(token.Value), arguments, terminal, cancellation);
        }
        return paths.Count == 0 ? arguments : arguments.RootCommandResult.Command.Parse([.. arguments.Tokens.Select(token => paths.GetValueOrDefault(token, token.Value))]);
    }

    private static IEnumerable<(string Name, Token Token)> Tokens(SymbolResult result) => result switch
    {
        OptionResult option => option.Tokens.Select(token => (option.Option.Name, token)),
        ArgumentResult argument => argument.Tokens.Select(token => (argument.Argument.Name, token)),
        _ => [],
    };

    private static string Fetch(ObjectPlace place, ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        bool isFirst = Replicas.LaunchedRank == 0;
        terminal = isFirst ? terminal : Terminal.Silent;
        try
        {
            using var store = ObjectStore.Open(place);
            var mirror = new ObjectMirror(arguments.GetValue(Mirror) ?? DefaultFolder()) { ChecksAll = arguments.GetValue(ChecksMirror) };
            var state = terminal.Count($"{place}, MB", progress => mirror.UpdateAsync(store, terminal.Line, new Megabytes(progress), cancellation).GetAwaiter().GetResult());
            string removed = state.Removed == 0 ? "" : $", {state.Removed:N0} removed";
            terminal.Line($"{place}: {state.Objects:N0} objects, {state.Bytes / 1e6:N1} MB, {state.Fetched:N0} fetched{removed}, in {state.Path}");
            return state.Path;
        }
        catch (ByolException error) when (!isFirst)
        {
            Thread.Sleep(ReplicaJob.Deference);
            Environment.Exit(CommandRunner.ExitCodeOf(error));
            throw;
        }
    }

    private static string DefaultFolder()
    {
        string cache = OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } given ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Path.Combine(cache, "byol", "s3");
    }
}

/// <summary>Bytes as the counts of megabytes that the terminal shows.</summary>
internal sealed class Megabytes(IProgress<(int Done, int Total)> next) : IProgress<(long Done, long Total)>
{
    private const double Bytes = 1e6;
    private readonly Lock _one = new();

    public void Report((long Done, long Total) value)
    {
        lock (_one)
        {
            next.Report(((int)(value.Done / Bytes), (int)Math.Ceiling(value.Total / Bytes)));
        }
    }
}
