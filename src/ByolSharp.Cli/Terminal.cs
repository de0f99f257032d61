using System.Text.Json.Nodes;
using ByolSharp.Distributed;
using ByolSharp.Training;
using Spectre.Console;

namespace ByolSharp.Cli;

/// <summary>
/// Where a command writes: colours and live lines for people, plain lines when redirected, and with --json the result alone on stdout.
/// </summary>
internal sealed class Terminal
{
    private readonly bool _json;
    private readonly IAnsiConsole _console;

    internal Terminal(bool json) : this(json, json ? Console.Error : Console.Out) { }

    private Terminal(bool json, TextWriter lines)
    {
        _json = json;
        IsLive = !json && !Console.IsOutputRedirected && !Replicas.IsLaunched; // mpirun passes on lines, whatever it says a terminal is
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(lines),
            Ansi = IsLive ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = IsLive ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!IsLive)
        {
            _console.Profile.Width = 160;
        }
    }

    /// <summary>For a replica that prints nothing.</summary>
    internal static Terminal Silent { get; } = new(json: false, TextWriter.Null);

    /// <summary>Lines may be redrawn in place.</summary>
    internal bool IsLive { get; }

    /// <summary>A line for people.</summary>
    internal void Line(string text) => _console.WriteLine(text);

    /// <summary>A command to copy: never broken into lines.</summary>
    internal void Command(string text) => _console.Profile.Out.Writer.WriteLine(text);

    /// <summary>A table for people.</summary>
    internal void Table(IEnumerable<string> headings, IEnumerable<string[]> rows)
    {
        var table = new Table().Border(IsLive ? TableBorder.Rounded : TableBorder.Markdown);
        foreach (var (heading, i) in headings.Select((h, i) => (h, i)))
        {
            table.AddColumn(new TableColumn(Markup.Escape(heading)) { Alignment = i == 0 ? Justify.Left : Justify.Right, NoWrap = true });
        }
        foreach (string[] row in rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }
        _console.Write(table);
    }

    /// <summary>The last line of stdout where --json was given.</summary>
    internal void Result(JsonObject result)
    {
        if (_json)
        {
            Console.Out.WriteLine(result.ToJsonString());
        }
    }

    /// <summary>Runs a training with its progress shown: a live line, or a plain line now and then.</summary>
    internal T Train<T>(Func<ITrainingObserver, T> train)
    {
        if (!IsLive)
        {
            return train(new PlainProgress(Line));
        }
        T result = default!;
        _console.Status().Spinner(Spinner.Known.Line).Start("starting", status =>
            result = train(new LiveProgress(text => status.Status = Markup.Escape(text), text => _console.WriteLine(text))));
        return result;
    }

    /// <summary>Runs work that counts, with its progress shown.</summary>
    internal T Count<T>(string what, Func<IProgress<(int Done, int Total)>, T> work)
    {
        if (!IsLive)
        {
            return work(new PlainCount(what, Line));
        }
        T result = default!;
        _console.Progress().Start(progress =>
        {
            var task = progress.AddTask(Markup.Escape(what));
            result = work(new LiveCount(task));
            task.Value = task.MaxValue;
        });
        return result;
    }

    /// <summary>Runs work in stages that count, each with its progress shown.</summary>
    /// <param name="work">Gets what shows the progress of a stage by the stage's name.</param>
    internal T Stages<T>(Func<Func<string, IProgress<(int Done, int Total)>>, T> work)
    {
        if (!IsLive)
        {
            return work(what => new PlainCount(what, Line));
        }
        T result = default!;
        _console.Progress().Start(progress => result = work(what => new LiveCount(progress.AddTask(Markup.Escape(what)))));
        return result;
    }

    private sealed class LiveCount(ProgressTask task) : IProgress<(int Done, int Total)>
    {
        public void Report((int Done, int Total) value) => (task.MaxValue, task.Value) = (value.Total, value.Done);
    }
}
