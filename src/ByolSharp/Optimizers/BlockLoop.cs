namespace ByolSharp.Optimizers;

/// <summary>Works on the numbers from an offset of an arena on, at most <see cref="BlockLoop.BlockLength"/> of them.</summary>
internal delegate void BlockWork(long offset, int length);

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

    /// <summary>Adds up a number of each block, always in the same order.</summary>
    internal static double Sum(ArenaSegment segment, Func<long, int, double> numberOf)
    {
        var numbers = new double[BlocksOf(segment)];
        Run(segment, (offset, length) => numbers[(offset - segment.Offset) / BlockLength] = numberOf(offset, length));
        return numbers.Sum();
    }

    private static int BlocksOf(ArenaSegment segment) => (int)((segment.Length + BlockLength - 1) / BlockLength);

    private static int LengthOf(ArenaSegment segment, int block) => (int)Math.Min(BlockLength, segment.Length - (long)block * BlockLength);
}
