using ByolSharp.Evaluation;
using static TorchSharp.torch;

namespace ByolSharp.Reporting;

/// <summary>What the encoder makes of some samples: who is near whom, which classes mix, and a map.</summary>
internal sealed record RepresentationStudy
{
    private const double MultiplyAdds = 2.5e11; // about ten seconds of two cores
    private const int FewestSamples = 300, MostSamples = 5000, QueryShare = 5, ShownQueries = 12, ShownNeighbours = 6, MostVotes = 200, VoteShare = 20, FewestOnMap = 4;

    /// <summary>Representations that are searched.</summary>
    internal required FeatureSet Reference { get; init; }

    /// <summary>Representations that neighbours are searched for.</summary>
    internal required FeatureSet Queries { get; init; }

    /// <summary>Some queries with their neighbours, evenly over the classes.</summary>
    internal required IReadOnlyList<NeighbourRow> Neighbours { get; init; }

    /// <summary>Neighbours that voted for <see cref="Confusion"/>.</summary>
    internal required int Votes { get; init; }

    /// <summary>Which classes the neighbours named; null without labels.</summary>
    internal required Confusion? Confusion { get; init; }

    /// <summary>Queries on the map.</summary>
    internal required IReadOnlyList<int> MapSamples { get; init; }

    /// <summary>The map by principal components, two coordinates a sample; empty with fewer than 4 samples.</summary>
    internal required double[][] Principal { get; init; }

    /// <summary>The map by t-SNE.</summary>
    internal required double[][] TSne { get; init; }

    /// <summary>Tiles of <see cref="MapSamples"/>, then of each row of <see cref="Neighbours"/>, the query first.</summary>
    internal required SampleTiles Tiles { get; init; }

    /// <summary>Extracts and compares.</summary>
    /// <param name="encoder">In evaluation mode.</param>
    /// <param name="samples">Whose <see cref="IReportSamples.Reference"/> and <see cref="IReportSamples.Queries"/> are open.</param>
    /// <param name="options">How many samples.</param>
    /// <param name="progress">Told the samples done and all.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnusableDataException">The samples are too few, cannot be read, or their representations are no numbers.</exception>
    internal static RepresentationStudy Run(
        Backbone encoder, IReportSamples samples, ReportOptions options, IProgress<(int Done, int Total)>? progress, CancellationToken cancellation)
    {
        int wanted = options.Samples ?? Affordable(encoder, samples.Reference!.ViewShape);
        var (references, lookedUp) = Choose(samples, wanted);
        if (references.Count < 2 || lookedUp.Count < 1)
        {
            throw new UnusableDataException($"{references.Count + lookedUp.Count} samples are too few to compare");
        }
        int total = references.Count + lookedUp.Count;
        var reference = FeatureExtractor.Extract(encoder, references, progress: Part(0), cancellation: cancellation).Features;
        var queries = Guard.Aligned(
            reference.ClassNames, FeatureExtractor.Extract(encoder, lookedUp, progress: Part(references.Count), cancellation: cancellation).Features);
        int votes = Math.Clamp(reference.Count / VoteShare, 1, MostVotes);
        var neighbours = Search(reference, queries, cancellation);
        int[] map = queries.Count < FewestOnMap ? [] : [.. Enumerable.Range(0, Math.Min(queries.Count, options.MapPoints))];
        var points = queries.Select(map).L2Normalized();
        var places = new SamplePlaces(references, lookedUp);
        return new()
        {
            Reference = reference,
            Queries = queries,
            Neighbours = neighbours,
            Votes = votes,
            Confusion = IsLabelled(reference) && IsLabelled(queries) ? Confusion.Of(reference, queries, votes, cancellation) : null,
            MapSamples = map,
            Principal = map.Length == 0 ? [] : PrincipalComponents.Project(points, 2),
            TSne = map.Length == 0 ? [] : Evaluation.TSne.Map(points, cancellation: cancellation),
            Tiles = samples.Tiles([
                .. map.Select(i => places.OfQuery(queries.Names[i])),
                .. neighbours.SelectMany(row => row.Found.Select(f => places.OfReference(reference.Names[f.Index])).Prepend(places.OfQuery(queries.Names[row.Query]))),
            ]),
        };

        IProgress<(int Done, int Total)>? Part(int before) => progress is null ? null : new Offset(progress, before, total);
    }

    private static List<NeighbourRow> Search(FeatureSet reference, FeatureSet queries, CancellationToken cancellation)
    {
        int[] shown = Shown(queries);
        var rows = new List<NeighbourRow>();
        new NearestSearch(reference, new KnnOptions().ChunkSize).Run(queries.Select(shown), ShownNeighbours, excludeSelf: false, (i, nearest) => rows.Add(new(
            shown[i], [.. nearest.Items.OrderByDescending(n => n.Similarity).ThenBy(n => n.Index).Select(n => (n.Index, (double)n.Similarity))])), cancellation);
        return rows;
    }

    private static bool IsLabelled(FeatureSet set) => set.ClassNames.Count > 1 && set.Labels.Any(l => l != FeatureSet.NoLabel);

    private static int Affordable(Backbone encoder, IReadOnlyList<long> viewShape)
    {
        using var scope = NewDisposeScope();
        var longest = ones([1, .. viewShape]); // zeros would be an empty text
        return (int)Math.Clamp(MultiplyAdds / FlopCounter.MultiplyAdds(encoder, longest), FewestSamples, MostSamples);
    }

    /// <summary>A fifth of the samples are looked up among the others; without data of their own they are taken out of them.</summary>
    private static (EvalSubset Reference, EvalSubset Queries) Choose(IReportSamples samples, int wanted)
    {
        int[] reference = Shuffled(samples.Reference!.Count), queries = Shuffled(samples.Queries!.Count);
        if (samples.Reference == samples.Queries)
        {
            reference = reference[..Math.Min(reference.Length, wanted)];
            (queries, reference) = (reference[..(reference.Length / QueryShare)], reference[(reference.Length / QueryShare)..]);
        }
        return (
            new(samples.Reference, [.. reference.Take(wanted - wanted / QueryShare).Order()]),
            new(samples.Queries, [.. queries.Take(wanted / QueryShare).Order()]));
    }

    private static int[] Shuffled(int count)
    {
        int[] samples = [.. Enumerable.Range(0, count)];
        new SampleRandom(seed: 0).Shuffle<int>(samples);
        return samples;
    }

    private static int[] Shown(FeatureSet queries)
    {
        int[] byClass = [.. Enumerable.Range(0, queries.Count).OrderBy(i => queries.Labels[i])];
        int count = Math.Min(ShownQueries, byClass.Length);
        return [.. Enumerable.Range(0, count).Select(i => byClass[(2 * i + 1) * byClass.Length / (2 * count)])];
    }

    /// <summary>Where the rows of the feature sets lie in their sources, of which unreadable samples were left out.</summary>
    private sealed class SamplePlaces(IEvalSource reference, IEvalSource queries)
    {
        private readonly Dictionary<string, int> _reference = ByName(reference), _queries = ByName(queries);

        internal (IEvalSource, int) OfReference(string name) => (reference, _reference[name]);

        internal (IEvalSource, int) OfQuery(string name) => (queries, _queries[name]);

        private static Dictionary<string, int> ByName(IEvalSource source) =>
            Enumerable.Range(0, source.Count).ToDictionary(source.NameOf, i => i, StringComparer.Ordinal);
    }

    private sealed class Offset(IProgress<(int Done, int Total)> whole, int before, int total) : IProgress<(int Done, int Total)>
    {
        public void Report((int Done, int Total) value) => whole.Report((before + value.Done, total));
    }
}

/// <summary>A sample and its nearest ones.</summary>
/// <param name="Query">Index into the queries.</param>
/// <param name="Found">Index into the reference and cosine similarity, the most similar first.</param>
internal sealed record NeighbourRow(int Query, IReadOnlyList<(int Index, double Similarity)> Found);
