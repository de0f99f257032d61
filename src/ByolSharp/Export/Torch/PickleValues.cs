using static TorchSharp.torch;

namespace ByolSharp.Export.Torch;

/// <summary>A name of Python that a pickle asks for; it stands for itself and is never looked up.</summary>
internal sealed record PickleName(string Module, string Name)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>A tuple of Python.</summary>
internal sealed record PickleTuple(object?[] Items);

/// <summary>The values of one or more tensors as a pickle names them.</summary>
/// <param name="Key">Its name in the file.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Count">Its elements.</param>
internal sealed record PickledStorage(string Key, ScalarType Type, long Count);

/// <summary>A tensor as a pickle describes it: a view of a storage.</summary>
/// <param name="Storage">Where its values are.</param>
/// <param name="Offset">Its first element.</param>
/// <param name="Shape">Its extents.</param>
/// <param name="Strides">Elements between neighbours along each dimension.</param>
internal sealed record PickledTensor(PickledStorage Storage, long Offset, long[] Shape, long[] Strides);
