using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>Whether libtorch's convolutions compute on this machine what they should.</summary>
internal static class ConvolutionCheck
{
    /// <summary>Errors below it are rounding.</summary>
    internal const double Tolerance = 1e-4;

    private const int Samples = 4, Side = 8;
    private static readonly (int Inputs, int Outputs, int Kernel, int Stride)[] _layers = [(24, 24, 3, 1), (40, 72, 3, 2), (256, 512, 1, 2), (83, 64, 3, 1), (64, 64, 3, 1)];

    /// <summary>
    /// The largest error of a few layers in either memory order, forward and backward, of the largest value that double precision gives; infinite where something
    /// is not a number. Double precision takes kernels that do not depend on the processor.
    /// </summary>
    internal static double LargestError() => _layers.Max(layer => Math.Max(Error(layer, isChannelsLast: false), Error(layer, isChannelsLast: true)));

    private static double Error((int Inputs, int Outputs, int Kernel, int Stride) layer, bool isChannelsLast)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1, CPU);
        Tensor input = randn([Samples, layer.Inputs, Side, Side], generator: generator);
        Tensor weight = randn([layer.Outputs, layer.Inputs, layer.Kernel, layer.Kernel], generator: generator);
        Tensor[] single = Pass(input, weight), twice = Pass(input.to(ScalarType.Float64), weight.to(ScalarType.Float64));
        return single.Zip(twice, Error).Max();

        Tensor[] Pass(Tensor x, Tensor w)
        {
            (x, w) = isChannelsLast ? (ChannelsLast.Convert(x), ChannelsLast.Convert(w)) : (x.clone(), w.clone());
            (x.requires_grad, w.requires_grad) = (true, true);
            Tensor y = nn.functional.conv2d(x, w, strides: [layer.Stride, layer.Stride], padding: [layer.Kernel / 2, layer.Kernel / 2]);
            y.pow(Scalars.Two).mean().backward();
            return [y.detach(), x.grad!, w.grad!];
        }
    }

    private static double Error(Tensor values, Tensor exact)
    {
        double error = (values.to(ScalarType.Float64) - exact).abs().max().item<double>() / exact.abs().max().item<double>();
        return double.IsNaN(error) ? double.PositiveInfinity : error;
    }
}
