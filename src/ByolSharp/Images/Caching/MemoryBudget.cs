namespace ByolSharp.Images.Caching;

/// <summary>Memory that caches may use together. Safe to use from several threads at once.</summary>
/// <param name="bytes">The most that may be reserved.</param>
internal sealed class MemoryBudget(long bytes)
{
    private long _used;

    /// <summary>Bytes reserved now.</summary>
    internal long Used => Interlocked.Read(ref _used);

    /// <summary>Whether bytes could be booked now.</summary>
    internal bool Fits(long wanted) => Used + wanted <= bytes;

    /// <summary>Books bytes before they are kept, so that the limit holds at every moment.</summary>
    /// <returns>False, and nothing is booked, where they do not fit.</returns>
    internal bool TryReserve(long wanted)
    {
        for (long before = Used; before + wanted <= bytes;)
        {
            long found = Interlocked.CompareExchange(ref _used, before + wanted, before);
            if (found == before)
            {
                return true;
            }
            before = found;
        }
        return false;
    }

    /// <summary>Gives reserved bytes back.</summary>
    internal void Release(long reserved) => Interlocked.Add(ref _used, -reserved);
}
