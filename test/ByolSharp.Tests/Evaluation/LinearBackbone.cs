using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Evaluation;

/// <summary>A matrix and a batch normalisation, or the matrix alone: the smallest encoder.</summary>
internal sealed class LinearBackbone : Backbone
{
    [ComponentName(Name = "matrix")]
    private readonly Linear _matrix;

    [ComponentName(Name = "bn")]
    private readonly BatchNorm? _norm;

    public LinearBackbone(int inputs, int outputs, bool withNorm = true, long seed = 0) : base(nameof(LinearBackbone))
    {
        _matrix = nn.Linear(inputs, outputs, hasBias: false);
        _norm = withNorm ? new BatchNorm(outputs) : null;
        RegisterComponents();
        Initialization.Apply(this, InitializationScheme.Official, seed);
    }

    /// <summary>Momenta of the batch normalisation in training, in order.</summary>
    public List<double> Momenta { get; } = [];

    public override int RepresentationSize => (int)_matrix.weight!.shape[0];

    public override Tensor forward(Tensor views)
    {
        var y = _matrix.call(views);
        if (_norm is null)
        {
            return y;
        }
        if (training)
        {
            Momenta.Add(_norm.Momentum);
        }
        return _norm.call(y);
    }
}
