using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>Blocks one after the other, as deep networks have them.</summary>
internal static class BlockChain
{
    /// <summary>
    /// Sends values through blocks. What a block leaves behind is freed at its end, and its input with it: without gradients a deep network then needs
    /// the memory of one block, and with them only what the backward pass uses, which the graph holds by itself.
    /// </summary>
    /// <param name="blocks">In their order.</param>
    /// <param name="values">Freed, unless there are no blocks.</param>
    /// <returns>In the caller's dispose scope.</returns>
    internal static Tensor Run(IEnumerable<nn.Module<Tensor, Tensor>> blocks, Tensor values)
    {
        foreach (nn.Module<Tensor, Tensor> block in blocks)
        {
            Tensor input = values;
            using (NewDisposeScope())
            {
                values = block.call(input).MoveToOuterDisposeScope();
            }
            input.Dispose();
        }
        return values;
    }
}
