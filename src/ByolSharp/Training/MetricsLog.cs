using System.Text.Json;
using System.Text.Json.Nodes;

namespace ByolSharp.Training;

/// <summary>metrics.jsonl: one JSON object a logged step, written through to the file at once.</summary>
public sealed class MetricsLog : IDisposable
{
    private readonly StreamWriter _writer;

    /// <summary>Opens the log for appending.</summary>
    /// <param name="path">The file.</param>
    /// <param name="lastStep">Lines of later steps, left by a run that went on after its last checkpoint, are removed.</param>
    public MetricsLog(string path, long lastStep)
    {
        if (File.Exists(path))
        {
            string[] kept = [.. File.ReadLines(path).Where(line => StepOf(line) <= lastStep)];
            File.WriteAllLines(path + ".partial", kept);
            File.Move(path + ".partial", path, overwrite: true);
        }
        _writer = new StreamWriter(path, append: true) { AutoFlush = true, NewLine = "\n" };
    }

    /// <summary>Appends one line.</summary>
    public void Write(JsonObject metrics) => _writer.WriteLine(metrics.ToJsonString());

    /// <inheritdoc />
    public void Dispose() => _writer.Dispose();

    /// <summary>The step of a line; a line cut short by a crash counts as beyond every step.</summary>
    private static long StepOf(string line)
    {
        try
        {
            return JsonNode.Parse(line)?["step"]?.GetValue<long>() ?? long.MaxValue;
        }
        catch (JsonException)
        {
            return long.MaxValue;
        }
    }
}
