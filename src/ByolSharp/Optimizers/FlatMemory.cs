using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ByolSharp.Optimizers;

/// <summary>The numbers of a flat tensor in main memory, without a native call for each stretch of them. The tensor must outlive it.</summary>
internal readonly unsafe struct FlatMemory
{
    private readonly float* _first;

    /// <summary>Looks into a dense float tensor on the CPU.</summary>
    internal FlatMemory(Tensor tensor) => _first = (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));

    /// <summary>A stretch of the numbers; nothing checks that it lies inside.</summary>
    internal Span<float> Slice(long offset, int length) => new(_first + offset, length);
}
