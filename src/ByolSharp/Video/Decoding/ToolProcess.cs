using System.Diagnostics;

namespace ByolSharp.Video.Decoding;

/// <summary>One call of ffmpeg or ffprobe whose output is read through a pipe. It never outlives <see cref="Read"/>, nor this program: its pipe breaks.</summary>
internal static class ToolProcess
{
    /// <summary>A file that decodes slower than this is taken for one that hangs the decoder.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(2);

    private const int Tries = 3, Interrupted = 255, FirstSignal = 129;

    /// <summary>Runs the tool and gives what <paramref name="read"/> makes of its output.</summary>
    /// <param name="tool">ffmpeg or ffprobe.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="read">Reads the output to its end; what it throws ends the process.</param>
    /// <returns>What was read, and what the tool said first about an error, or null.</returns>
    /// <exception cref="UnreadableSampleException">The tool was ended again and again, or takes too long.</exception>
    internal static (T Result, string? Error) Read<T>(string tool, IReadOnlyList<string> arguments, Func<Stream, T> read)
    {
        // Ctrl-C reaches every process of a terminal. The step that it interrupts is still finished, and must see what it would have seen.
        for (int i = 1; ; i++)
        {
            var (result, error, code) = ReadOnce(tool, arguments, read);
            if (code is not (Interrupted or >= FirstSignal))
            {
                return (result, error);
            }
            if (i == Tries)
            {
                throw new UnreadableSampleException($"{tool} ends with code {code}{(error is null ? "" : $": {error}")}");
            }
        }
    }

    private static (T Result, string? Error, int Code) ReadOnce<T>(string tool, IReadOnlyList<string> arguments, Func<Stream, T> read)
    {
        using var process = new Process
        {
            StartInfo = new(tool, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        string? error = null;
        process.ErrorDataReceived += (_, line) => error ??= string.IsNullOrWhiteSpace(line.Data) ? null : line.Data.Trim();
        process.Start();
        bool isLate = false;
        using var watch = new Timer(_ => Kill(process, out isLate), null, _longest, Timeout.InfiniteTimeSpan);
        try
        {
            process.StandardInput.Close();
            process.BeginErrorReadLine();
            T result = read(process.StandardOutput.BaseStream);
            process.WaitForExit();
            return isLate ? throw TooSlow(tool) : (result, error, process.ExitCode);
        }
        catch (Exception) when (isLate)
        {
            throw TooSlow(tool);
        }
        finally
        {
            Kill(process, out _);
        }
    }

    private static UnreadableSampleException TooSlow(string tool) =>
        new(FormattableString.Invariant($"{tool} has taken {_longest.TotalMinutes} minutes over it"));

    private static void Kill(Process process, out bool wasRunning)
    {
        wasRunning = !process.HasExited;
        if (wasRunning)
        {
            process.Kill();
            process.WaitForExit();
        }
    }
}
