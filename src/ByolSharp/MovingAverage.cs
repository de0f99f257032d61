using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>The target update xi = xi + (1 - tau)(theta - xi), taken after the optimizer's step (paper, equation 1).</summary>
public static class MovingAverage
{
    /// <summary>Moves the target towards the online network by one step.</summary>
    /// <param name="byol">The model; its batch-norm statistics follow too where EMAN is chosen.</param>
    /// <param name="online">Arena that begins with the online network's parameters.</param>
    /// <param name="target">Arena of the target network, laid out as the beginning of the other.</param>
    /// <param name="rate">1 - tau, 0 to 1.</param>
    public static void Update(Byol byol, ParameterArena online, ParameterArena target, double rate)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var weight = tensor((float)rate, device: target.Values.device);
        target.Values.lerp_(online.Values.narrow(0, 0, target.Values.numel()), weight);
        if (byol.Options.TargetBatchNorm == TargetBatchNorm.Eman)
        {
            UpdateStatistics(byol, weight);
        }
    }

    private static void UpdateStatistics(Byol byol, Tensor weight)
    {
        foreach (var ((_, target), (_, online)) in byol.Target.named_buffers().Zip(byol.Online.named_buffers()))
        {
            if (target.is_floating_point())
            {
                target.lerp_(online, weight);
            }
            else
            {
                target.copy_(online);
            }
        }
    }
}
