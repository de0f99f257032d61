using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>
/// The projector g and the predictor q: linear, normalisation, ReLU, linear (paper, section 3.3). As in the authors' code the
/// hidden layer has a bias and the output has neither bias nor normalisation; most ports have it the other way round.
/// </summary>
public sealed class Mlp : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "linear1")]
    private readonly Linear _linear1;

    [ComponentName(Name = "bn")]
    private readonly nn.Module<Tensor, Tensor> _normalization;

    [ComponentName(Name = "linear2")]
    private readonly Linear _linear2;

    /// <summary>Makes the head.</summary>
    /// <param name="inputSize">Length of the input vectors.</param>
    /// <param name="hiddenSize">Units of the hidden layer (paper: 4096).</param>
    /// <param name="outputSize">Length of the output vectors (paper: 256).</param>
    /// <param name="norm">Normalisation of the hidden layer.</param>
    public Mlp(int inputSize, int hiddenSize, int outputSize, HeadNorm norm = HeadNorm.Batch) : base(nameof(Mlp))
    {
        _linear1 = nn.Linear(inputSize, hiddenSize);
        _normalization = norm switch
        {
            HeadNorm.Batch => new BatchNorm(hiddenSize),
            HeadNorm.Layer => nn.LayerNorm(hiddenSize),
            _ => nn.Identity(),
        };
        _linear2 = nn.Linear(hiddenSize, outputSize, hasBias: false);
        RegisterComponents();
    }

    /// <summary>[N, input size] to [N, output size].</summary>
    public override Tensor forward(Tensor input) =>
        _linear2.call(nn.functional.relu(_normalization.call(_linear1.call(input)), inplace: true));
}

/// <summary>Normalisation inside the projector and the predictor.</summary>
public enum HeadNorm
{
    /// <summary>Batch normalisation, as published.</summary>
    Batch,

    /// <summary>Layer normalisation: needs no batch statistics (Richemond et al. 2020 use group norm for the same end).</summary>
    Layer,

    /// <summary>None: known to collapse with common settings; for ablations.</summary>
    None,
}
