using TorchSharp;

namespace ByolSharp.Tests;

/// <summary>How many tensors the process holds. Only tests that nothing runs beside may ask.</summary>
internal static class LiveTensors
{
    /// <summary>
    /// Counts them after what earlier tests dropped is gone, which would otherwise go at any later moment. What a test itself leaves behind is counted without
    /// this: the collector would take it away before it is seen.
    /// </summary>
    public static long CountAfterCollecting()
    {
        for (int i = 0; i < 2; i++) // what a finalizer lets go of goes in the second round
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        return torch.Tensor.TotalCount;
    }
}
