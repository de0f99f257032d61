namespace ByolSharp.Export.Onnx;

/// <summary>What an exported network takes.</summary>
public enum OnnxInput
{
    /// <summary>Normalised views, [N, channels, height, width], float: the caller resizes and normalises.</summary>
    Views,

    /// <summary>Images as most decoders give them, [N, height, width, channels], bytes; the graph resizes, crops and normalises.</summary>
    Uint8Nhwc,

    /// <summary>As <see cref="Uint8Nhwc"/>, [N, channels, height, width].</summary>
    Uint8Nchw,

    /// <summary>As <see cref="Uint8Nhwc"/>, float values of 0 to 255.</summary>
    FloatNhwc,

    /// <summary>As <see cref="Uint8Nchw"/>, float values of 0 to 255.</summary>
    FloatNchw,
}

/// <summary>In what weights are stored and computed; inputs and outputs stay as they are.</summary>
public enum OnnxPrecision
{
    /// <summary>Single precision.</summary>
    Single,

    /// <summary>Half precision.</summary>
    Half,

    /// <summary>
    /// Weights as bytes with a scale for each output: linear layers also round what they are given to bytes, anew for each batch, and multiply whole numbers;
    /// convolutions compute in single precision.
    /// </summary>
    Int8,
}

/// <summary>How an encoder is written as ONNX.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>Versions of the operators that can be written: layer normalisation came with 17, and 22 is the newest that was tried.</summary>
    internal const int MinOpset = 17, MaxOpset = 22;

    /// <summary>Version of ONNX's operators, 17 to 22. Default 17, which ONNX Runtime reads since 1.12.</summary>
    public int Opset { get; init; } = MinOpset;

    /// <summary>Weights and arithmetic; input and output stay single. Default: single.</summary>
    public OnnxPrecision Precision { get; init; } = OnnxPrecision.Single;

    /// <summary>What a network of images takes; those of videos take clips as normalised views, those of texts tokens. Default: normalised views.</summary>
    public OnnxInput Input { get; init; } = OnnxInput.Views;

    /// <summary>Samples a batch, or null for any number. Default null.</summary>
    public int? BatchSize { get; init; }

    /// <summary>
    /// Whether views of any size, clips of any length and texts of any length that the encoder has positions for are taken, where the network can; images
    /// always are, for the graph resizes them. Default true.
    /// </summary>
    public bool AnySize { get; init; } = true;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ConfigurationException">A value is out of its range.</exception>
    public void Validate()
    {
        if (Opset is < MinOpset or > MaxOpset)
        {
            throw new ConfigurationException($"opset must be {MinOpset} to {MaxOpset}, not {Opset}.");
        }
        if (BatchSize < 1)
        {
            throw new ConfigurationException($"the batch size must be at least 1, not {BatchSize}.");
        }
    }
}
