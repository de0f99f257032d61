using System.CommandLine;
using ByolSharp.Reporting;
using ByolSharp.Training;

namespace ByolSharp.Cli;

/// <summary>The report that a training leaves behind: bounded in time, and never a reason for a training to fail.</summary>
internal static class ClosingReport
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(60);

    /// <summary>Leaves it out.</summary>
    internal static readonly Option<bool> Without = new("--no-report") { Description = $"Write no {RunDirectory.ReportName} at the end." };

    /// <summary>Writes the report unless it was left out; what goes wrong is one line.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="terminal">Shows progress.</param>
    /// <param name="run">The run.</param>
    /// <param name="cancellation">
    /// Cancelled already where the training was interrupted: the report then keeps to the log, because whoever interrupts wants to be gone.
    /// </param>
    internal static void Write(ParseResult arguments, Terminal terminal, RunDirectory run, CancellationToken cancellation)
    {
        if (arguments.GetValue(Without))
        {
            return;
        }
        try
        {
            try
            {
                terminal.Count("report", progress => RunReport.Write([run.Path], run.Report, OptionsFor(cancellation), progress, cancellation.IsCancellationRequested ? default : cancellation));
            }
            catch (OperationCanceledException)
            {
                RunReport.Write([run.Path], run.Report, OptionsFor(cancellation), cancellation: default);
            }
            terminal.Line($"report: {run.Report}");
        }
        catch (Exception error)
        {
            terminal.Line($"warning: no report was written: {error.Message.ReplaceLineEndings(" ")}; the run is complete, try byol report {run.Path}");
        }
    }

    private static ReportOptions OptionsFor(CancellationToken cancellation) => new() { TimeLimit = TimeLimit, Samples = cancellation.IsCancellationRequested ? 0 : null };
}
