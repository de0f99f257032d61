namespace ByolSharp.Optimizers;

/// <summary>Works on the numbers from an offset of an arena on, at most <see cref="BlockLoop.BlockLength"/> of them.</summary>
internal delegate void BlockWork(long offset, int length);

/// <summary>As <see cref="BlockWork"/>, with numbers to write down.</summary>
internal delegate void BlockNumbers(long offset, int length, Span<double> numbers);

/// <summary>
/// Walks an arena in blocks that fit into the innermost cache: what is done to a block in several simple loops costs the memory one pass.
/// Blocks do not depend on each other, so the number of threads changes no bit.
/// </summary>
internal static class BlockLoop
{
    /// <summary>Numbers of a block: with momentum, gradient and target 64 KB.</summary>
    internal const int BlockLength = 4096;

    /// <summary>Below this a second thread costs more than it brings.</summary>
    private const int ParallelBlocks = 32;

    /// <summary>Runs the work over a segment.</summary>
    internal static void Run(ArenaSegment segment, BlockWork work)
    {
        int blocks = BlocksOf(segment);
        if (blocks < ParallelBlocks)
        {
            for (int i = 0; i < blocks; i++)
            {
                Block(i);
            }
        }
        else
        {
            Parallel.For(0, blocks, new() { MaxDegreeOfParallelism = TorchSharp.torch.get_num_threads() }, Block);
        }

        void Block(int i) => work(segment.Offset + (long)i * BlockLength, LengthOf(segment, i));
    }

    /// <summary>Adds up some numbers of each block, always in the same order.</summary>
    /// <param name="segment">Where the blocks lie.</param>
    /// <param name="count">How many sums.</param>
    /// <param name="numbersOf">Writes a block's numbers.</param>
    internal static double[] Sum(ArenaSegment segment, int count, BlockNumbers numbersOf)
    {
        var numbers = new double[BlocksOf(segment) * count];
        Run(segment, (offset, length) => numbersOf(offset, length, numbers.AsSpan((int)((offset - segment.Offset) / BlockLength) * count, count)));
        var sums = new double[count];
        for (int i = 0; i < numbers.Length; i++)
        {
            sums[i % count] += numbers[i];
        }
        return sums;
    }

    private static int BlocksOf(ArenaSegment segment) => (int)((segment.Length + BlockLength - 1) / BlockLength);

    private static int LengthOf(ArenaSegment segment, int block) => (int)Math.Min(BlockLength, segment.Length - (long)block * BlockLength);
}
