using System.CommandLine;
using ByolSharp.Training;

namespace ByolSharp.Cli;

/// <summary>What --resume and --overwrite ask for.</summary>
internal static class ExistingRuns
{
    /// <exception cref="ConfigurationException">Both are given.</exception>
    internal static ExistingRun Of(ParseResult arguments, Option<bool> resume, Option<bool> overwrite) => (arguments.GetValue(resume), arguments.GetValue(overwrite)) switch
    {
        (true, true) => throw new ConfigurationException("--resume and --overwrite exclude each other; give one of them."),
        (true, _) => ExistingRun.Resume,
        (_, true) => ExistingRun.Overwrite,
        _ => ExistingRun.Refuse,
    };
}
