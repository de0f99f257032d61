using ByolSharp.Images.Backbones;
using static TorchSharp.torch;

namespace ByolSharp.Tests;

public sealed class FlopCounterTests
{
    [Theory]
    [InlineData("resnet20", 32, 40_550_400)] // by hand: 442,368 + 6 * 2,359,296 + 2 * (1,179,648 + 5 * 2,359,296)
    [InlineData("resnet18", 224, 1_813_561_344)] // torchvision's 1,814,073,344 less its classifier's 512,000
    public void Counts_the_multiply_adds_of_known_networks(string name, int size, long expected)
    {
        using var scope = NewDisposeScope();
        using var backbone = BackboneFactory.Create(new() { Name = name, ImageSize = size });

        Assert.Equal(expected, FlopCounter.MultiplyAdds(backbone, zeros(1, 3, size, size)));
        Assert.Equal(2 * expected, FlopCounter.MultiplyAdds(backbone, zeros(2, 3, size, size))); // and the hooks of the first count are gone
        Assert.True(backbone.training);
    }

    [Fact]
    public void Counts_the_linear_layers_of_a_head()
    {
        using var scope = NewDisposeScope();
        using var head = new Mlp(10, 20, 5);

        Assert.Equal(10 * 20 + 20 * 5, FlopCounter.MultiplyAdds(head, zeros(1, 10)));
    }
}
