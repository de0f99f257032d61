using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>
/// The projector g and the predictor q: linear, normalisation, ReLU, linear (paper, section 3.3). As in the authors' code the
/// hidden layer has a bias and the output has neither bias nor normalisation; most ports have it the other way round.
/// </summary>
/// <remarks>An output normalisation, where one is asked for, has no scale and no offset (MoCo v3, Chen et al. 2021, section 3).</remarks>
public sealed class Mlp : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "linear1")]
    private readonly Linear _linear1;

    [ComponentName(Name = "bn")]
    private readonly nn.Module<Tensor, Tensor> _normalization;

    [ComponentName(Name = "linear2")]
    private readonly Linear _linear2;

    [ComponentName(Name = "output_bn")]
    private readonly nn.Module<Tensor, Tensor>? _outputNormalization;

    /// <summary>Makes the head.</summary>
    /// <param name="inputSize">Length of the input vectors.</param>
    /// <param name="hiddenSize">Units of the hidden layer (paper: 4096).</param>
    /// <param name="outputSize">Length of the output vectors (paper: 256).</param>
    /// <param name="norm">Normalisation of the hidden layer.</param>
    /// <param name="outputNorm">Normalisation of the output.</param>
    public Mlp(int inputSize, int hiddenSize, int outputSize, HeadNorm norm = HeadNorm.Batch, HeadNorm outputNorm = HeadNorm.None)
        : base(nameof(Mlp))
    {
        _linear1 = nn.Linear(inputSize, hiddenSize);
        _normalization = norm switch
        {
            HeadNorm.Batch => new BatchNorm(hiddenSize),
            HeadNorm.Layer => nn.LayerNorm(hiddenSize),
            _ => nn.Identity(),
        };
        _linear2 = nn.Linear(hiddenSize, outputSize, hasBias: false);
        _outputNormalization = outputNorm switch
        {
            HeadNorm.Batch => new BatchNorm(outputSize, isAffine: false),
            HeadNorm.Layer => nn.LayerNorm(outputSize, elementwise_affine: false),
            _ => null,
        };
        RegisterComponents();
    }

    /// <summary>[N, input size] to [N, output size].</summary>
    public override Tensor forward(Tensor input)
    {
        var output = _linear2.call(nn.functional.relu(_normalization.call(_linear1.call(input)), inplace: true));
        return _outputNormalization?.call(output) ?? output;
    }
}

/// <summary>Normalisation in the projector and the predictor.</summary>
public enum HeadNorm
{
    /// <summary>Batch normalisation, as published for the hidden layers.</summary>
    Batch,

    /// <summary>Layer normalisation: needs no batch statistics (Richemond et al. 2020 use group norm for the same end).</summary>
    Layer,

    /// <summary>None, as published for the outputs; in the hidden layers known to collapse with common settings.</summary>
    None,
}
