using ByolSharp.Optimizers;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace ByolSharp;

/// <summary>The target update xi = xi + (1 - tau)(theta - xi), taken after the optimizer's step (paper, equation 1).</summary>
public static class MovingAverage
{
    /// <summary>Moves the target's parameters towards the online network's by one step.</summary>
    /// <param name="target">Arena of the target network, laid out as the beginning of the other.</param>
    /// <param name="online">Arena that begins with the online network's parameters.</param>
    /// <param name="rate">1 - tau, 0 to 1.</param>
    public static void Update(ParameterArena target, ParameterArena online, double rate)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        target.Values.lerp_(online.Values.narrow(0, 0, target.Values.numel()), tensor((float)rate, device: target.Values.device));
    }

    /// <summary>Moves the running statistics of the target's normalisations likewise (EMAN, Cai et al. 2021); counters are copied.</summary>
    public static void UpdateStatistics(Byol byol, double rate)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        foreach (var ((_, target), (_, online)) in byol.Target.named_buffers().Zip(byol.Online.named_buffers()))
        {
            if (target.is_floating_point())
            {
                target.lerp_(online, tensor((float)rate, device: target.device));
            }
            else
            {
                target.copy_(online);
            }
        }
    }

    /// <summary>As <see cref="Update"/>, for one block in main memory.</summary>
    internal static BlockWork InMemory(ParameterArena target, ParameterArena online, double rate)
    {
        FlatMemory targets = new(target.Values), onlines = new(online.Values);
        return (offset, length) =>
        {
            Span<float> xi = targets.Slice(offset, length), theta = onlines.Slice(offset, length), difference = stackalloc float[length];
            TensorPrimitives.Subtract(theta, xi, difference);
            if (rate < 0.5)
            {
                TensorPrimitives.MultiplyAdd(difference, (float)rate, xi, xi);
            }
            else
            {
                TensorPrimitives.MultiplyAdd(difference, (float)(rate - 1), theta, xi); // from the nearer end: exact where rate is 1
            }
        };
    }
}
