using ByolSharp.Reporting;
using ByolSharp.Training;

namespace ByolSharp.Tests.Training;

public sealed class RunMetricsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void Every_key_with_numbers_becomes_a_curve_and_other_lines_are_counted()
    {
        var metrics = RunMetrics.Read(_folder.Write("metrics.jsonl", """
            {"step":10,"epoch":0.5,"samples":80,"time":2,"loss":4,"verdict":"Starting","of_tomorrow":7}
            {"step":20,"epoch":1.0,"samples":160,"time":5,"loss":3,"knn_top1":0.5}
            {"loss":3}
            [1]
            {"step":30,"lo
            """));

        Assert.Equal(["loss", "of_tomorrow", "knn_top1"], metrics.Curves.Select(c => c.Key));
        Assert.Equal([new(10, 4), new(20, 3)], metrics["loss"]!.Points);
        Assert.Equal((20, 1.0, 3), (metrics.Steps, metrics.Epochs, metrics.Unreadable));
        Assert.Equal(("Of tomorrow", "Other figures"), (MetricStyle.Of("of_tomorrow").Title, MetricStyle.Of("of_tomorrow").Group));
    }

    [Fact]
    public void Times_of_a_resumed_run_add_up()
    {
        var metrics = RunMetrics.Read(_folder.Write("metrics.jsonl", string.Join('\n', new[] { 3, 8, 2, 6 }.Select((t, i) => $$"""{"step":{{i + 1}},"time":{{t}}}"""))));

        Assert.Equal(14, metrics.Time.TotalSeconds);
    }

    [Fact]
    public void An_absent_log_has_no_lines() => Assert.Empty(RunMetrics.Read(_folder.Of("none")).Curves);

    public void Dispose() => _folder.Dispose();
}
