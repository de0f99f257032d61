using static TorchSharp.torch;

namespace ByolSharp.Export.Onnx;

/// <summary>Element types as ONNX numbers them.</summary>
internal static class OnnxTypes
{
    public const long Byte = 2;

    public static long NumberOf(ScalarType type) => type switch
    {
        ScalarType.Float32 => 1,
        ScalarType.Byte => Byte,
        ScalarType.Int8 => 3,
        ScalarType.Int64 => 7,
        ScalarType.Float16 => 10,
        _ => throw new ArgumentException($"no ONNX type for {type}", nameof(type)),
    };
}
