using ByolSharp.Distributed;
using ByolSharp.Images.Backbones;
using ByolSharp.Training;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Distributed;

public sealed class GradientExchangeTests
{
    private const int BucketKilobytes = 16, HeadSize = 64;

    [Theory]
    [InlineData("resnet8", true)]
    [InlineData("resnet18", true)]
    [InlineData("vit-tiny", true)]
    [InlineData("tiny", false)] // a network of one's own: its heads alone are known
    public void Most_gradients_are_summed_during_the_backward_pass_and_none_twice(string network, bool hasBlocks)
    {
        var replicas = ThreadReplicas.Run(2, replicas =>
        {
            float[] after = Gradients(network, replicas, overlap: false), during = Gradients(network, replicas, overlap: true);

            Assert.Equal(after, during);
            return (During: during, Sent: ((ThreadReplicas)replicas).InBackground);
        });

        Assert.Equal(replicas[0].During, replicas[1].During);
        Assert.Equal(replicas[0].Sent, replicas[1].Sent);
        Assert.All(replicas[0].Sent.SkipLast(1), length => Assert.True(length >= BucketKilobytes * 1024 / sizeof(float)));
        double share = replicas[0].Sent.Sum() / (double)replicas[0].During.Length;
        Assert.True(hasBlocks ? share > 0.6 : share is > 0.2 and < 1, $"{share:0.00} of the gradients");
    }

    private static float[] Gradients(string network, IReplicas replicas, bool overlap)
    {
        using var scope = NewDisposeScope();
        using var byol = new Byol(() => network == "tiny" ? new TinyBackbone() : BackboneFactory.Create(new() { Name = network, ImageSize = 16, WidthMultiplier = network == "resnet18" ? 0.25 : 1 }),
            new() { HiddenSize = HeadSize, ProjectionSize = 16 });
        using var state = new TrainState(byol, null, new() { Kind = ByolSharp.Optimizers.OptimizerKind.Sgd }, null, laneThreads: 0, replicas, new()
        {
            OverlapGradients = overlap,
            BucketKilobytes = BucketKilobytes,
        });
        using var generator = new Generator((ulong)replicas.Rank);
        Tensor View() => randn([8, 3, 16, 16], generator: generator);
        state.Advance(new(View(), View(), zeros(8, int64)), learningRate: 0, targetUpdateRate: 0, accumulationSteps: 2);
        return [.. state.OnlineArena.Gradients!.data<float>()];
    }
}
