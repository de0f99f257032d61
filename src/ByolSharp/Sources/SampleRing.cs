using System.Runtime.InteropServices;

namespace ByolSharp.Sources;

/// <summary>
/// Samples in rings, each in the order of the data set: finds the next one that is usable. What was found unusable is stepped over at once
/// from then on, so a class folder of which all files are missing costs one round and not one a sample. Safe for several threads.
/// </summary>
internal sealed class SampleRing
{
    private readonly int[] _next;
    private readonly Lock _gate = new();

    private SampleRing(int[] next) => _next = next;

    /// <summary>One ring of all samples.</summary>
    internal static SampleRing OfAll(int count) => Join(count, _ => 0);

    /// <summary>A ring of the samples of each label.</summary>
    internal static SampleRing OfLabels(Dataset data) => Join(data.Count, data.LabelOf);

    /// <summary>The first usable sample of its ring after an unusable one, round the end; null where there is none.</summary>
    /// <param name="index">The unusable one.</param>
    /// <param name="isUnusable">What it says of a sample once, it must say for ever.</param>
    internal int? After(int index, Func<int, bool> isUnusable)
    {
        lock (_gate)
        {
            int found = _next[index];
            long way = Distance(index, found);
            while (way < _next.Length && isUnusable(found))
            {
                way += Distance(found, _next[found]);
                found = _next[found];
            }

            bool isThere = way < _next.Length;
            for (int i = index; isThere ? i != found : _next[i] != i;)
            {
                (i, _next[i]) = (_next[i], isThere ? found : i);
            }

            return isThere ? found : null;
        }
    }

    private static SampleRing Join(int count, Func<int, int> labelOf)
    {
        var next = new int[count];
        var following = new Dictionary<int, int>();
        for (int turn = 0; turn < 2; turn++) // the second one joins the last of a ring with its first
        {
            for (int i = count - 1; i >= 0; i--)
            {
                ref int after = ref CollectionsMarshal.GetValueRefOrAddDefault(following, labelOf(i), out bool isKnown);
                (next[i], after) = (isKnown ? after : i, i);
            }
        }

        return new(next);
    }

    /// <summary>Steps from one sample to the next one of its ring; a whole round where it is alone.</summary>
    private long Distance(int from, int to) => to > from ? to - from : to - from + _next.Length;
}
