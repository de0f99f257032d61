using static TorchSharp.torch;

namespace ByolSharp.Tests;

/// <summary>Makes what reads memory that nobody wrote visible: it becomes not a number.</summary>
internal static class ForeignMemory
{
    /// <summary>Leaves freed blocks of all sizes behind, full of NaN, for whoever allocates next.</summary>
    public static void Leave()
    {
        using var scope = NewDisposeScope();
        for (int i = 0; i < 40; i++)
        {
            for (int size = 16; size <= 1 << 18; size *= 4)
            {
                full([size + 8 * i], float.NaN);
            }
        }
    }
}
