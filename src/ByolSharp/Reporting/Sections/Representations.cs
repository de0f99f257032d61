using System.Globalization;
using ByolSharp.Evaluation;

namespace ByolSharp.Reporting.Sections;

/// <summary>What the encoder makes of samples: neighbours, map, mix-ups.</summary>
internal static class Representations
{
    private const int LargestMatrix = 30, ShownMixUps = 8, MostBars = 60;

    /// <summary>Samples and their nearest ones, right and wrong classes marked.</summary>
    internal static Html Neighbours(RepresentationStudy study)
    {
        var tiles = study.Tiles.Tiles.Skip(study.MapSamples.Count).GetEnumerator();
        var rows = study.Neighbours.Select(row => Html.Of(
            $"<div class=\"row\">{Tile(Next(), study.Queries, row.Query, "query", "")}{row.Found.Select(f => Tile(Next(), study.Reference, f.Index, Mark(row, f.Index), Similarity(f.Similarity))).ToList()}</div>")).ToList();
        string marks = study.Confusion is null ? "" : " A green frame is a neighbour of the same class, a red one of another; labels had no part in training.";
        return Html.Of($"""
            <p>On the left a sample, beside it those of {study.Reference.Count:N0} others that the encoder finds most similar, the most similar first.{marks}</p>
            <div class="neighbours">{rows}</div>
            """);

        Html Next() => tiles.MoveNext() ? tiles.Current : Html.Empty;

        string Mark(NeighbourRow row, int index) => (study.Queries.Labels[row.Query], study.Reference.Labels[index]) switch
        {
            (FeatureSet.NoLabel, _) or (_, FeatureSet.NoLabel) => "",
            var (mine, its) => mine == its ? "right" : "wrong",
        };
    }

    /// <summary>Both maps.</summary>
    internal static Html Maps(RepresentationStudy study, Figures figures)
    {
        if (study.MapSamples.Count == 0)
        {
            return Html.Empty;
        }
        string[] names = [.. study.MapSamples.Select(i => study.Queries.Names[i])];
        string[] classes = [.. study.MapSamples.Select(i => ClassOf(study.Queries, i))];
        return Html.Of($"""
            <p>{names.Length:N0} samples, each a point; near points have similar representations. Point at one (or touch it) to see the sample; wheel or pinch to zoom, drag to move, touch a class to hide it.</p>
            <div class="grid maps">
            <figure class="card"><figcaption><b>t-SNE</b></figcaption>{figures.Map("Map of the representations, t-SNE", study.TSne, names, classes)}<p class="small">Neighbours stay neighbours; distances between groups mean little.</p></figure>
            <figure class="card"><figcaption><b>Principal components</b></figcaption>{figures.Map("Map of the representations, principal components", study.Principal, names, classes)}<p class="small">The two directions of largest variance; distances are true but most dimensions are not seen.</p></figure>
            </div>
            """);
    }

    /// <summary>Which classes the neighbours name, and how often they are right.</summary>
    internal static Html Classes(RepresentationStudy study, Figures figures)
    {
        if (study.Confusion is not { } confusion)
        {
            return Html.Empty;
        }
        var bars = confusion.PerClass.Take(MostBars).Select(c => (c.Class, c.Accuracy));
        var mixUps = confusion.MixUps.Take(ShownMixUps).Select(m => Html.Of($"<li><b>{m.True}</b> taken for <b>{m.Named}</b>: {m.Count:N0} of {m.Of:N0}</li>"));
        return Html.Of($"""
            <p>The {study.Votes:N0} nearest of {study.Reference.Count:N0} samples vote for the class of each of {confusion.Samples:N0} others: {confusion.Accuracy:0.0%} are right. These are fewer samples than an evaluation uses, so its numbers differ.</p>
            <div class="grid pair"><figure class="card"><figcaption><b>Right answers of each class</b></figcaption>{figures.Bars("Right answers of each class", bars)}</figure>
            <div class="card"><b>Most frequent mix-ups</b><ol>{mixUps}</ol></div></div>
            {(confusion.ClassNames.Count > LargestMatrix ? Html.Empty : Matrix(confusion))}
            """);
    }

    private static Html Matrix(Confusion confusion)
    {
        var headings = confusion.ClassNames.Select(name => Html.Of($"<th scope=\"col\"><span>{name}</span></th>"));
        var rows = confusion.Counts.Select((row, c) => Html.Of($"<tr><th scope=\"row\">{confusion.ClassNames[c]}</th>{row.Select((count, n) => Cell(row, c, n))}</tr>"));
        return Html.Of($"""
            <h3>Confusion matrix</h3><p class="small">Rows: the true class; columns: the class that the neighbours name; per cent of the row.</p>
            <div class="wide fit"><table class="confusion" id="confusion"><thead><tr><td></td>{headings}</tr></thead><tbody>{rows}</tbody></table></div>
            """);
    }

    private static Html Cell(int[] row, int trueClass, int named)
    {
        double share = row.Sum() == 0 ? 0 : row[named] / (double)row.Sum();
        return Html.Of($"<td class=\"{(trueClass == named ? "right" : "wrong")}\" style=\"--share:{share:0.00}\" title=\"{row[named]:N0} of {row.Sum():N0}\">{100 * share:0}</td>");
    }

    private static Html Tile(Html tile, FeatureSet set, int index, string mark, string note)
    {
        string name = set.Names[index], label = ClassOf(set, index);
        return Html.Of($"<span class=\"sample {mark}\" title=\"{name}{(note.Length > 0 ? $", similarity {note}" : "")}\">{tile}<small>{label}</small></span>");
    }

    private static string ClassOf(FeatureSet set, int index) => set.Labels[index] == FeatureSet.NoLabel ? "" : set.ClassNames[set.Labels[index]];

    private static string Similarity(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
