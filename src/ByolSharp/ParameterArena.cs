using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>One parameter's place in an arena.</summary>
/// <param name="Name">Dotted name, for example online.encoder.conv1.weight.</param>
/// <param name="Offset">First element.</param>
/// <param name="Length">Number of elements.</param>
/// <param name="IsVector">True for biases and normalisation parameters, which weight decay and LARS leave alone.</param>
/// <param name="Trainable">False for frozen parameters: no gradient, no update.</param>
public sealed record ArenaSegment(string Name, long Offset, long Length, bool IsVector, bool Trainable);

/// <summary>
/// Parameters of several modules laid end to end in one float buffer, and their gradients in another. The modules' parameters
/// become views into it, so the moving average is one operation and a whole gradient one memory block.
/// </summary>
/// <remarks>
/// Convolution weights are laid out channels-last, which the CPU and GPU kernels prefer. Gradients must be cleared with
/// <see cref="ZeroGradients"/>: a plain zero_grad() would replace the views.
/// </remarks>
public sealed class ParameterArena : IDisposable
{
    private ParameterArena(Tensor values, Tensor? gradients, IReadOnlyList<ArenaSegment> segments)
    {
        (Values, Gradients, Segments) = (values, gradients, segments);
    }

    /// <summary>All parameters, [total length].</summary>
    public Tensor Values { get; }

    /// <summary>All gradients, [total length]; null for a network that has none (the target).</summary>
    public Tensor? Gradients { get; }

    /// <summary>Where each parameter lies, in order.</summary>
    public IReadOnlyList<ArenaSegment> Segments { get; }

    /// <summary>Moves the parameters of the modules, in the order given, into a new arena.</summary>
    /// <param name="modules">Modules with the prefix of their parameters' names; already on their device.</param>
    /// <param name="withGradients">Also lay out the gradients.</param>
    public static ParameterArena Flatten(IEnumerable<(string Prefix, nn.Module Module)> modules, bool withGradients)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var parameters = modules.SelectMany(m => m.Module.named_parameters().Select(p => (Name: $"{m.Prefix}.{p.name}", Value: p.parameter))).ToList();
        var device = parameters[0].Value.device;
        long total = parameters.Sum(p => p.Value.numel());
        var values = zeros(total, float32, device);
        var gradients = withGradients ? zeros(total, float32, device) : null;
        var segments = new List<ArenaSegment>(parameters.Count);
        long offset = 0;
        foreach (var (name, parameter) in parameters)
        {
            bool trainable = parameter.requires_grad;
            var view = ViewOf(values, parameter.shape, offset);
            view.copy_(parameter);
            parameter.set_(view);
            if (gradients is not null && trainable)
            {
                parameter.grad = ViewOf(gradients, parameter.shape, offset);
            }
            segments.Add(new(name, offset, parameter.numel(), parameter.dim() <= 1, trainable));
            offset += parameter.numel();
        }
        values.MoveToOuterDisposeScope();
        gradients?.MoveToOuterDisposeScope();
        return new(values, gradients, segments);
    }

    /// <summary>Sets every gradient to zero and keeps the views.</summary>
    public void ZeroGradients() => Gradients?.zero_();

    /// <inheritdoc />
    public void Dispose()
    {
        Values.Dispose();
        Gradients?.Dispose();
    }

    private static Tensor ViewOf(Tensor buffer, long[] shape, long offset) => buffer.as_strided(shape, ChannelsLast.Strides(shape), offset);
}
