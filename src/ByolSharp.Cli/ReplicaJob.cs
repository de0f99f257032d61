using System.CommandLine;
using ByolSharp.Distributed;

namespace ByolSharp.Cli;

/// <summary>A command that several processes may run together, as mpirun starts them.</summary>
internal static class ReplicaJob
{
    /// <summary>What is wrong everywhere is told by the first replica, which ends the others meanwhile.</summary>
    internal static readonly TimeSpan Deference = TimeSpan.FromSeconds(2);

    /// <summary>Runs a command that says the same on each replica, of which the first alone is heard.</summary>
    internal static int Run(ParseResult arguments, Terminal terminal, Func<IReplicas, Terminal, int> command) =>
        Run(arguments, new ReplicaOptions(), replicas => command(replicas, replicas.IsFirst() ? terminal : Terminal.Silent));

    /// <summary>Joins the replicas, runs the command on each, and ends all of them where one fails.</summary>
    internal static int Run(ParseResult arguments, ReplicaOptions options, Func<IReplicas, int> command)
    {
        using var replicas = Replicas.Open(options, lost => Console.Error.WriteLine($"byol: {lost}"));
        try
        {
            return command(replicas);
        }
        catch (TrainingStoppedException) when (!replicas.IsFirst())
        {
            return CommandRunner.Stopped; // all replicas stop in the same step, and the first one says why
        }
        catch (Exception error) when (replicas.Count > 1 && error is not (TrainingStoppedException or OperationCanceledException))
        {
            if (!replicas.IsFirst())
            {
                Thread.Sleep(Deference);
            }
            CommandRunner.Report(error, arguments, $"rank {replicas.Rank} ({Environment.MachineName}): ");
            replicas.Abort(CommandRunner.ExitCodeOf(error));
            throw;
        }
    }
}
