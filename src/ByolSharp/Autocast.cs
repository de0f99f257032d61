using TorchSharp;

namespace ByolSharp;

/// <summary>In what numbers the forward passes of a training multiply.</summary>
public enum Precision
{
    /// <summary>Single precision throughout.</summary>
    Float32,

    /// <summary>Matrix products and convolutions in bfloat16, all that adds up over time in single precision.</summary>
    Bfloat16,
}

/// <summary>
/// While it lives, matrix products and convolutions of this thread take and give bfloat16; sums, norms, exponentials and the statistics of batch
/// norm stay in single precision, and parameters and their gradients are single throughout (PyTorch's automatic mixed precision).
/// </summary>
/// <remarks>
/// TorchSharp has no such scope, so libtorch's own functions are called by their C++ names. The state belongs to a thread: enter it on the one that
/// computes. Weights are not kept in bfloat16 between operations: a forward pass uses each once, and lanes would share what is kept.
/// </remarks>
internal sealed unsafe class Autocast : IDisposable
{
    private const sbyte Bfloat16 = 15; // c10::ScalarType
    private static readonly Lazy<Functions> Native = new(() => new());

    private readonly sbyte _device;
    private readonly bool _wasEnabled, _wasCaching;
    private readonly sbyte _dtypeBefore;

    private Autocast(DeviceType device)
    {
        var native = Native.Value;
        _device = (sbyte)device;
        (_wasEnabled, _wasCaching, _dtypeBefore) = (native.IsEnabled(_device) != 0, native.IsCaching() != 0, native.DtypeOf(_device));
        Set(true, Bfloat16, false);
    }

    /// <summary>Starts the scope, or gives null where the precision asks for none.</summary>
    /// <exception cref="ConfigurationException">This libtorch lacks a function that it takes.</exception>
    internal static Autocast? Enter(Precision precision, DeviceType device) => precision == Precision.Bfloat16 ? new(device) : null;

    /// <summary>The state before, on the thread that entered.</summary>
    public void Dispose() => Set(_wasEnabled, _dtypeBefore, _wasCaching);

    private void Set(bool enabled, sbyte dtype, bool caching)
    {
        var native = Native.Value;
        native.SetDtype(_device, dtype);
        native.SetEnabled(_device, enabled ? (byte)1 : (byte)0);
        native.SetCaching(caching ? (byte)1 : (byte)0);
    }

    /// <summary>Functions of at::autocast; c10::DeviceType and c10::ScalarType are one signed byte each, bool one byte.</summary>
    private sealed class Functions
    {
        internal readonly delegate* unmanaged<sbyte, byte> IsEnabled;
        internal readonly delegate* unmanaged<sbyte, byte, void> SetEnabled;
        internal readonly delegate* unmanaged<sbyte, sbyte> DtypeOf;
        internal readonly delegate* unmanaged<sbyte, sbyte, void> SetDtype;
        internal readonly delegate* unmanaged<byte> IsCaching;
        internal readonly delegate* unmanaged<byte, void> SetCaching;

        internal Functions()
        {
            IsEnabled = (delegate* unmanaged<sbyte, byte>)Find("19is_autocast_enabledEN3c1010DeviceTypeE");
            SetEnabled = (delegate* unmanaged<sbyte, byte, void>)Find("20set_autocast_enabledEN3c1010DeviceTypeEb");
            DtypeOf = (delegate* unmanaged<sbyte, sbyte>)Find("18get_autocast_dtypeEN3c1010DeviceTypeE");
            SetDtype = (delegate* unmanaged<sbyte, sbyte, void>)Find("18set_autocast_dtypeEN3c1010DeviceTypeENS1_10ScalarTypeE");
            IsCaching = (delegate* unmanaged<byte>)Find("25is_autocast_cache_enabledEv");
            SetCaching = (delegate* unmanaged<byte, void>)Find("26set_autocast_cache_enabledEb");
        }
    }

    /// <summary>Address of a function of at::autocast by the rest of its C++ name.</summary>
    internal static nint Find(string name) => Libtorch.Export($"_ZN2at8autocast{name}") is var address and not 0
        ? address
        : throw new ConfigurationException(
            $"trainer.precision = bfloat16 does not work with this libtorch ({Libtorch.Path}), which has no _ZN2at8autocast{name}: set it to float32.");
}
