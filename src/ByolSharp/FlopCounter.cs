using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>Counts the multiplications of a network's convolutions and linear layers; normalisation and attention products are left out.</summary>
public static class FlopCounter
{
    /// <summary>Multiply-adds of one forward pass; a multiply-add is two floating-point operations.</summary>
    /// <param name="network">The network; its mode is kept.</param>
    /// <param name="input">Its input, [N, ...]; the count is that of all N samples.</param>
    public static long MultiplyAdds(nn.Module<Tensor, Tensor> network, Tensor input)
    {
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        long total = 0;
        bool wasTraining = network.training;
        var hooks = network.modules().Append(network).Distinct().OfType<nn.Module<Tensor, Tensor>>()
            .Select(layer => (Layer: layer, Weight: WeightOf(layer))).Where(l => l.Weight is not null)
            .Select(l => l.Layer.register_forward_hook((_, _, output) =>
            {
                total += output.numel() * l.Weight!.numel() / l.Weight.shape[0];
                return output;
            })).ToList();
        try
        {
            network.eval();
            network.call(input);
            return total;
        }
        finally
        {
            network.train(wasTraining);
            hooks.ForEach(hook => hook.remove());
        }
    }

    /// <summary>The matrix of a layer that multiplies by one: outputs first.</summary>
    private static Parameter? WeightOf(nn.Module layer) =>
        layer.named_parameters(recurse: false).FirstOrDefault(p => p.name == "weight" && p.parameter.dim() >= 2).parameter;
}
