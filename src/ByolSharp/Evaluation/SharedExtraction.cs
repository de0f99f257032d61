using System.Text.Json.Nodes;
using ByolSharp.Distributed;

namespace ByolSharp.Evaluation;

/// <summary>Divides the samples of an extraction between replicas, and gives each all rows.</summary>
internal static class SharedExtraction
{
    /// <summary>Rows of all samples, in their order and the same bits on each replica.</summary>
    /// <param name="samples">The same on all replicas.</param>
    /// <param name="size">Numbers a row.</param>
    /// <param name="replicas">Those who share the work.</param>
    /// <param name="read">Extracts a part, this replica's.</param>
    /// <param name="cancellation">Ends the work on all replicas where it does on one.</param>
    internal static ExtractedRows Rows(int[] samples, int size, IReplicas replicas, Func<int[], ExtractedRows> read, CancellationToken cancellation)
    {
        var share = replicas.ShareOf(samples.Length);
        int[] mine = samples[share];
        var rows = replicas.UnlessCancelled(() => mine.Length > 0 ? read(mine) : new([], size, [], []), cancellation);

        // Each fills in its own rows, and a sum with zeros is exact: no replica needs to know how many another has.
        var values = new float[FeatureExtractor.Numbers(samples.Length, size)];
        var readable = new float[samples.Length];
        for (int i = 0, row = 0, place = share.Start.Value; i < mine.Length; i++, place++)
        {
            if (row < rows.Samples.Count && rows.Samples[row] == mine[i])
            {
                rows.Values.AsSpan(row++ * size, size).CopyTo(values.AsSpan(place * size));
                readable[place] = 1;
            }
        }
        replicas.Sum(values);
        replicas.Sum(readable);
        int[] kept = [.. Enumerable.Range(0, samples.Length).Where(place => readable[place] > 0)];
        return new(Compact(values, size, kept), size, [.. kept.Select(place => samples[place])], [.. replicas.Gather(Write(rows.Skipped)).SelectMany(Read)]);
    }

    private static float[] Compact(float[] values, int size, int[] kept)
    {
        for (int row = 0; row < kept.Length; row++)
        {
            values.AsSpan(kept[row] * size, size).CopyTo(values.AsSpan(row * size));
        }
        return kept.Length * size == values.Length ? values : values[..(kept.Length * size)];
    }

    private static string Write(IEnumerable<(string Name, string Reason)> skipped) =>
        new JsonArray([.. skipped.SelectMany(sample => new JsonNode[] { sample.Name, sample.Reason })]).ToJsonString();

    private static IEnumerable<(string Name, string Reason)> Read(string skipped) =>
        JsonNode.Parse(skipped)!.AsArray().Select(text => text!.GetValue<string>()).Chunk(2).Select(pair => (pair[0], pair[1]));
}
