using System.Runtime.CompilerServices;

namespace ByolSharp;

/// <summary>
/// A small random generator whose stream depends only on what it is made from, so that what a sample looks like depends on
/// (seed, epoch, index, view) and never on the number of threads or on the order of work.
/// </summary>
/// <remarks>SplitMix64 (Steele, Lea and Flood 2014) over a hashed key. A mutable struct: pass it by reference.</remarks>
public struct SampleRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _state;

    /// <summary>Starts a stream of its own for this combination of keys.</summary>
    public SampleRandom(long seed, long epoch = 0, long index = 0, long view = 0)
    {
        _state = Absorb(0, seed);
        _state = Absorb(_state, epoch);
        _state = Absorb(_state, index);
        _state = Absorb(_state, view);
    }

    /// <summary>64 random bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong NextBits() => Mix(_state += Golden);

    /// <summary>Uniform in [0, 1).</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [low, high).</summary>
    public double NextDouble(double low, double high) => low + (high - low) * NextDouble();

    /// <summary>Uniform integer in [0, bound).</summary>
    public int NextInt(int bound) => (int)Math.BigMul(NextBits(), (ulong)bound, out _);

    /// <summary>True with the given probability; 0 and 1 are exact.</summary>
    public bool NextBool(double probability) => NextDouble() < probability;

    /// <summary>Standard normal (Box-Muller; one value a call keeps the stream simple).</summary>
    public double NextNormal() => Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    /// <summary>Puts the items in random order (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong Absorb(ulong state, long key) => Mix(Mix(state + Golden) ^ (ulong)key);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
