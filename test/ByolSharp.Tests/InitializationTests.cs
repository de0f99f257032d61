using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Tests;

public sealed class InitializationTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Official_weights_are_normal_cut_at_two_deviations(bool convolution)
    {
        using nn.Module layer = convolution ? nn.Conv2d(24, 64, 5) : nn.Linear(600, 64);
        double sigma = 1 / Math.Sqrt(600);

        Initialization.Apply(layer, InitializationScheme.Official, seed: 3);
        float[] weights = Weights(layer);

        double deviation = Initialization.TruncatedDeviation * sigma;
        Assert.InRange(weights.Average(), -3 * deviation / Math.Sqrt(weights.Length), 3 * deviation / Math.Sqrt(weights.Length));
        Assert.InRange(Deviation(weights), deviation * (1 - 3 / Math.Sqrt(2.0 * weights.Length)), deviation * (1 + 3 / Math.Sqrt(2.0 * weights.Length)));
        Assert.All(weights, w => Assert.InRange(w, -2.00001 * sigma, 2.00001 * sigma));
        Assert.True(weights.Max() > 1.9 * sigma && weights.Min() < -1.9 * sigma);
        Assert.All(Values(layer, "bias"), b => Assert.Equal(0, b));
    }

    [Fact]
    public void The_deviation_of_the_cut_normal_is_its_closed_form()
    {
        // variance = 1 - 4 phi(2) / (Phi(2) - Phi(-2)), with phi and Phi of the standard normal distribution
        double density = Math.Exp(-2) / Math.Sqrt(2 * Math.PI), mass = 0.95449973610364158;

        Assert.Equal(Initialization.TruncatedDeviation, Math.Sqrt(1 - 4 * density / mass), 1e-12);
    }

    [Fact]
    public void Torch_and_kaiming_and_xavier_weights_have_their_deviations()
    {
        using nn.Module convolution = nn.Conv2d(32, 48, 3);
        using nn.Module linear = nn.Linear(300, 100);

        Assert.Equal(1 / Math.Sqrt(3 * 32 * 9), DeviationAfter(convolution, InitializationScheme.Torch), 2e-3);
        Assert.Equal(Math.Sqrt(2.0 / (48 * 9)), DeviationAfter(convolution, InitializationScheme.Kaiming), 3e-3);
        Assert.Equal(1 / Math.Sqrt(3 * 300), DeviationAfter(linear, InitializationScheme.Kaiming), 1e-3);
        Assert.Equal(Math.Sqrt(2.0 / 400), DeviationAfter(linear, InitializationScheme.Xavier), 1e-3);
        Assert.All(Values(linear, "bias"), b => Assert.Equal(0, b));
        DeviationAfter(linear, InitializationScheme.Torch);
        Assert.True(Values(linear, "bias").Distinct().Count() > 90);
    }

    [Fact]
    public void Normalisations_start_as_the_identity()
    {
        using nn.Module network = nn.Sequential(("linear", nn.Linear(4, 6)), ("bn", nn.BatchNorm1d(6)));
        using (no_grad())
        {
            network.get_parameter("bn.weight")!.fill_(5);
            network.get_parameter("bn.bias")!.fill_(5);
        }

        Initialization.Apply(network, InitializationScheme.Torch, seed: 0);

        Assert.All(Values(network, "bn.weight"), w => Assert.Equal(1, w));
        Assert.All(Values(network, "bn.bias"), b => Assert.Equal(0, b));
    }

    [Fact]
    public void A_seed_gives_the_same_weights_whatever_else_drew_numbers_and_another_gives_others()
    {
        using nn.Module first = nn.Linear(8, 8), second = nn.Linear(8, 8);
        Initialization.Apply(first, InitializationScheme.Official, seed: 7);
        float[] expected = Weights(first);

        torch.manual_seed(99);
        rand(100).Dispose();
        Initialization.Apply(second, InitializationScheme.Official, seed: 7);
        Assert.Equal(expected, Weights(second));

        Initialization.Apply(second, InitializationScheme.Official, seed: 8);
        Assert.NotEqual(expected, Weights(second));
        Initialization.Apply(second, InitializationScheme.Official, seed: 7, scope: "predictor.");
        Assert.NotEqual(expected, Weights(second));
    }

    [Fact]
    public void Layers_of_one_network_differ()
    {
        using nn.Module network = nn.Sequential(("a", nn.Linear(8, 8)), ("b", nn.Linear(8, 8)));

        Initialization.Apply(network, InitializationScheme.Official, seed: 7);

        Assert.NotEqual(Values(network, "a.weight"), Values(network, "b.weight"));
    }

    private static double DeviationAfter(nn.Module layer, InitializationScheme scheme)
    {
        Initialization.Apply(layer, scheme, seed: 11);
        return Deviation(Weights(layer));
    }

    private static float[] Weights(nn.Module layer) => Values(layer, "weight");

    private static float[] Values(nn.Module layer, string name) => layer.get_parameter(name)!.data<float>().ToArray();

    private static double Deviation(float[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
    }
}
