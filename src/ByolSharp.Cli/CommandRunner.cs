using System.CommandLine;
using System.Runtime.InteropServices;
using ByolSharp.Distributed;

namespace ByolSharp.Cli;

/// <summary>What a command does: returns the exit code.</summary>
internal delegate int CommandHandler(ParseResult arguments, Terminal terminal, CancellationToken cancellation);

/// <summary>Parses, runs and turns what goes wrong into one line and an exit code (docs/design.md, section 9).</summary>
internal static class CommandRunner
{
    internal const int Failed = 1, BadUsage = 2, UnusableData = 3, Stopped = 4, Interrupted = 130;

    /// <summary>The result as one JSON object on the last line of stdout, everything else on stderr.</summary>
    internal static readonly Option<bool> Json = new("--json") { Description = "Print the result as one JSON line; everything else goes to stderr.", Recursive = true };

    internal static readonly Option<bool> Verbose = new("--verbose") { Description = "Show the stack trace of an error.", Recursive = true };

    /// <summary>Attaches the handler.</summary>
    internal static Command Does(this Command command, CommandHandler handler)
    {
        command.SetAction(arguments => Guarded(arguments, handler));
        return command;
    }

    internal static int Run(RootCommand root, string[] args)
    {
        root.Options.Add(Json);
        root.Options.Add(Verbose);
        root.Options.Add(RemoteData.Mirror);
        root.Options.Add(RemoteData.ChecksMirror);
        if (args.Length == 0)
        {
            args = ["--help"];
        }
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            if (Replicas.LaunchedRank == 0)
            {
                Console.Error.WriteLine($"byol: {UsageError(root, parsed, args)}");
            }
            return BadUsage;
        }
        return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    private static int Guarded(ParseResult arguments, CommandHandler handler)
    {
        using var cancellation = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        try
        {
            var terminal = new Terminal(arguments.GetValue(Json));
            return handler(RemoteData.Fetch(arguments, terminal, cancellation.Token), terminal, cancellation.Token);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return Interrupted;
        }
        catch (Exception error)
        {
            Report(error, arguments);
            return ExitCodeOf(error);
        }

        void Cancel(PosixSignalContext signal)
        {
            signal.Cancel = true; // the command finishes its step, saves and returns
            cancellation.Cancel();
        }
    }

    /// <summary>One line that names the thing and the mend.</summary>
    internal static void Report(Exception error, ParseResult arguments, string who = "")
    {
        Console.Error.WriteLine($"byol: {who}{(error is ByolException ? error.Message : Unexpected(error))}");
        if (arguments.GetValue(Verbose))
        {
            Console.Error.WriteLine(error);
        }
    }

    internal static int ExitCodeOf(Exception error) => error switch
    {
        ConfigurationException => BadUsage,
        UnusableDataException or UnreadableSampleException => UnusableData,
        TrainingStoppedException => Stopped,
        _ => Failed,
    };

    private static string Unexpected(Exception error) =>
        $"unexpected {error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")} (--verbose shows where)";

    /// <summary>One line for what is wrong with the command line, with the word that was probably meant.</summary>
    private static string UsageError(RootCommand root, ParseResult parsed, string[] args)
    {
        string? unknown = parsed.UnmatchedTokens.FirstOrDefault();
        if (unknown is null)
        {
            return $"{parsed.Errors[0].Message.TrimEnd('.')}. See byol {VerbOf(parsed)}--help.";
        }
        bool isOption = unknown.StartsWith('-');
        var verb = parsed.CommandResult.Command;
        bool isVerb = verb == root && unknown == args.FirstOrDefault(a => !a.StartsWith('-'));
        var known = isVerb ? root.Subcommands.Select(c => c.Name) : verb.Options.Concat(root.Options).Select(o => o.Name);
        string? closest = isVerb || isOption ? Suggestions.Closest(unknown, known) : null;
        string kind = isVerb ? "unknown command" : isOption ? "unknown option" : "unexpected argument";
        return $"{kind} '{unknown}'. {(closest is null ? "" : $"Did you mean '{closest}'? ")}See byol {VerbOf(parsed)}--help.";
    }

    private static string VerbOf(ParseResult parsed) => parsed.CommandResult.Command is RootCommand ? "" : parsed.CommandResult.Command.Name + " ";
}
