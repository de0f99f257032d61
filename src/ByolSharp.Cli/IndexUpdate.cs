using ByolSharp.Evaluation;
using ByolSharp.Search;
using ByolSharp.Sources;

namespace ByolSharp.Cli;

/// <summary>What bringing an index up to date took.</summary>
/// <param name="Embedded">Samples that went through the encoder.</param>
/// <param name="Copied">Samples whose bytes were known by another name or time.</param>
/// <param name="Unchanged">Samples whose files were not even opened.</param>
/// <param name="Removed">Samples that are no longer in the data.</param>
/// <param name="Unreadable">Samples that were tried and could not be read.</param>
internal sealed record IndexUpdate(int Embedded, int Copied, int Unchanged, int Removed, IReadOnlyList<(string Name, string Reason)> Unreadable)
{
    // What a kill costs: the samples of a part that was not yet written.
    private const int PartSize = 256, BatchSize = 64;

    /// <summary>Embeds what is new or changed, part by part, each in a transaction of its own.</summary>
    /// <exception cref="ConfigurationException">The index is one of other data.</exception>
    internal static IndexUpdate Run(
        RepresentationIndex index, Encoder encoder, Dataset data, IProgress<(int Done, int Total)> progress, CancellationToken cancellation)
    {
        var known = index.Known();
        string[] gone = [.. known.Keys.Except(Enumerable.Range(0, data.Count).Select(data.NameOf), StringComparer.Ordinal)];
        if (known.Count > 0 && gone.Length == known.Count)
        {
            throw new ConfigurationException($"the index holds other data, with names like '{gone[0]}' and none like '{data.NameOf(0)}': use another file.");
        }
        int[] pending = [.. Enumerable.Range(0, data.Count).Where(i =>
            data.IdentityOf(i) is not { } stamp || !known.TryGetValue(data.NameOf(i), out var stored) || stored != (LabelOf(data, i), stamp))];
        var update = new IndexUpdate(0, 0, data.Count - pending.Length, gone.Length, []);
        int done = 0;
        foreach (int[] part in pending.Chunk(PartSize))
        {
            cancellation.ThrowIfCancellationRequested();
            IndexedSample[] samples = Describe(data, part);
            for (int i = 0; i < samples.Length; i++)
            {
                samples[i] = samples[i].Content is { } content ? samples[i] with { Representation = index.Find(content) } : samples[i];
            }
            int copied = samples.Count(s => s.Representation is not null);
            Embed(encoder, data, part, samples, cancellation);
            index.Write(samples);
            var unreadable = samples.Where(s => s.Error is not null).Select(s => (s.Name, s.Error!));
            update = update with
            {
                Copied = update.Copied + copied,
                Embedded = update.Embedded + samples.Count(s => s.Representation is not null) - copied,
                Unreadable = [.. update.Unreadable, .. unreadable],
            };
            progress.Report((done += part.Length, pending.Length));
        }
        index.Remove(gone); // last, so that a file that was moved lends its representation to its new name
        return update;
    }

    /// <summary>Names, labels, stamps and contents. The stamp is taken before the bytes are read: what changes in between is seen next time.</summary>
    private static IndexedSample[] Describe(Dataset data, int[] part)
    {
        var samples = new IndexedSample[part.Length];
        Parallel.For(0, part.Length, i =>
        {
            samples[i] = new IndexedSample(data.NameOf(part[i])) { Label = LabelOf(data, part[i]), Stamp = data.IdentityOf(part[i]) };
            try
            {
                samples[i] = samples[i] with { Content = data.ContentHashOf(part[i]) };
            }
            catch (UnreadableSampleException unreadable)
            {
                samples[i] = samples[i] with { Error = unreadable.Message };
            }
        });
        return samples;
    }

    /// <summary>Fills in the representations that are missing, or why they are.</summary>
    private static void Embed(Encoder encoder, Dataset data, int[] part, IndexedSample[] samples, CancellationToken cancellation)
    {
        int[] places = [.. Enumerable.Range(0, part.Length).Where(i => samples[i] is { Representation: null, Error: null })];
        if (places.Length == 0)
        {
            return;
        }
        using var subset = Encoder.Subset(data, [.. places.Select(place => part[place])]);
        var (features, skipped) = FeatureExtractor.ExtractReadable(encoder.Backbone, encoder.Source(subset), batchSize: BatchSize, cancellation: cancellation);
        var byName = places.ToDictionary(place => samples[place].Name, StringComparer.Ordinal);
        for (int row = 0; row < features.Count; row++)
        {
            int place = byName[features.Names[row]];
            samples[place] = samples[place] with { Representation = features[row].ToArray() };
        }
        foreach (var (name, reason) in skipped)
        {
            samples[byName[name]] = samples[byName[name]] with { Error = reason };
        }
    }

    private static string? LabelOf(Dataset data, int index) => data.LabelOf(index) is >= 0 and int label ? data.ClassNames[label] : null;
}
