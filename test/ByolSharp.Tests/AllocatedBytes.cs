namespace ByolSharp.Tests;

/// <summary>How exact <see cref="GC.GetAllocatedBytesForCurrentThread"/> is.</summary>
internal static class AllocatedBytes
{
    /// <summary>A collection that another thread begins counts the rest of this thread's room, up to 8 KiB, as allocated.</summary>
    public const long Inexactness = 2 * 8192;
}
