using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using ByolSharp.Training;

namespace ByolSharp.Reporting;

/// <summary>
/// The plots of a page: each leaves a place in the markup and its data here; report.js hands them to Apache ECharts. Figures keep five
/// significant digits, which is more than a screen shows.
/// </summary>
internal sealed class Figures
{
    private static readonly JsonSerializerOptions _json = new() { TypeInfoResolver = new DefaultJsonTypeInfoResolver() }; // its encoder leaves no < > & '
    private readonly JsonArray _all = [];

    /// <summary>Number of figures.</summary>
    internal int Count => _all.Count;

    /// <summary>Curves over steps, one of each run.</summary>
    /// <param name="title">For people and screen readers.</param>
    /// <param name="isShare">Values in [0, 1] that are written in per cent.</param>
    /// <param name="curves">Name and curve of each run, and its trend where one is wanted.</param>
    /// <param name="marks">Horizontal lines with their names.</param>
    internal Html Lines(string title, bool isShare, IEnumerable<(string Name, Curve Curve, Curve? Trend)> curves, params IEnumerable<(string Name, double Value)> marks) =>
        Add("lines", title, new()
        {
            ["share"] = isShare,
            ["series"] = new JsonArray([.. curves.Select(c => new JsonObject
            {
                ["name"] = c.Name,
                ["points"] = Points(c.Curve.Points.Select(p => (p.Step, p.Value))),
                ["trend"] = c.Trend is null ? null : Points(c.Trend.Points.Select(p => (p.Step, p.Value))),
            })]),
            ["marks"] = new JsonArray([.. marks.Select(m => new JsonObject { ["name"] = m.Name, ["value"] = Rounded(m.Value) })]),
        });

    /// <summary>Points of a map, grouped by class; the tile of point i is the i-th of the page.</summary>
    internal Html Map(string title, double[][] places, IReadOnlyList<string> names, IReadOnlyList<string> classes) =>
        Add("map", title, new()
        {
            ["places"] = Points(places.Select(p => (p[0], p[1]))),
            ["names"] = new JsonArray([.. names.Select(n => JsonValue.Create(n))]),
            ["classes"] = new JsonArray([.. classes.Select(c => JsonValue.Create(c))]),
        });

    /// <summary>Horizontal bars of shares, from above.</summary>
    internal Html Bars(string title, IEnumerable<(string Name, double Share)> bars) =>
        Add("bars", title, new()
        {
            ["bars"] = new JsonArray([.. bars.Select(b => new JsonObject { ["name"] = b.Name, ["share"] = Rounded(b.Share) })]),
        });

    /// <summary>The data of all, for the page's script.</summary>
    internal Html Data() => Html.Raw($"<script type=\"application/json\" id=\"figures\">{_all.ToJsonString(_json)}</script>");

    private Html Add(string kind, string title, JsonObject figure)
    {
        figure.Insert(0, "kind", kind);
        figure.Insert(1, "title", title);
        _all.Add(figure);
        return Html.Of($"<div class=\"figure {kind}\" id=\"figure-{_all.Count - 1}\" role=\"img\" aria-label=\"{title}\"></div>");
    }

    private static JsonArray Points<T>(IEnumerable<(T X, double Y)> points) where T : IConvertible =>
        new([.. points.Select(p => new JsonArray(Rounded(p.X.ToDouble(null)), Rounded(p.Y)))]);

    private static JsonValue Rounded(double value)
    {
        double rounded = double.Parse(value.ToString("G5", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return JsonValue.Create(Math.Abs(value) < 1e15 && Math.Floor(value) == value ? value : rounded);
    }
}
