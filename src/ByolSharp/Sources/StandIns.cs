using System.Collections.Concurrent;

namespace ByolSharp.Sources;

/// <summary>
/// Reads samples so that every one can be read: an unreadable sample is noted in the quarantine and stands aside for the next readable one with
/// its label, or, where its class has none, for the next readable one. Which one that is depends on the data alone, never on threads or on the
/// order of calls, and labels stay true.
/// </summary>
/// <param name="data">The data set.</param>
/// <param name="quarantine">Where unreadable samples are noted.</param>
internal sealed class StandIns(Dataset data, Quarantine quarantine)
{
    private readonly ConcurrentDictionary<int, bool> _unreadable = new();
    private readonly Lazy<SampleRing> _ofLabel = new(() => SampleRing.OfLabels(data));
    private readonly Lazy<SampleRing> _ofAll = new(() => SampleRing.OfAll(data.Count));

    /// <summary>Reads a sample, or the one that stands in for it.</summary>
    /// <param name="index">The sample.</param>
    /// <param name="read">Reads any sample; what it says of one once, it must say for ever.</param>
    /// <param name="many">What the samples are called, for the message.</param>
    /// <exception cref="UnusableDataException">No sample of the data set can be read.</exception>
    internal T Read<T>(int index, Func<int, T> read, string many) where T : class =>
        TryRead(index, read)
            ?? NextAfter(index, _ofLabel, read)
            ?? NextAfter(index, _ofAll, read)
            ?? throw new UnusableDataException(FormattableString.Invariant(
                $"none of the {data.Count:N0} {many} can be used; the first, {quarantine.Entries[0].Name}: {quarantine.Entries[0].Reason}"));

    private T? NextAfter<T>(int index, Lazy<SampleRing> ring, Func<int, T> read) where T : class
    {
        while (ring.Value.After(index, _unreadable.ContainsKey) is { } candidate)
        {
            if (TryRead(candidate, read) is { } sample)
            {
                return sample;
            }
        }
        return null;
    }

    private T? TryRead<T>(int index, Func<int, T> read) where T : class
    {
        if (_unreadable.ContainsKey(index))
        {
            return null;
        }
        try
        {
            return read(index);
        }
        catch (UnreadableSampleException e)
        {
            _unreadable[index] = true;
            quarantine.Add(data.NameOf(index), e.Message);
            return null;
        }
    }
}
