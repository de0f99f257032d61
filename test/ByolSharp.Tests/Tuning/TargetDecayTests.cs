using ByolSharp.Tuning;

namespace ByolSharp.Tests.Tuning;

public sealed class TargetDecayTests
{
    [Fact]
    public void The_papers_small_batch_has_the_tau_of_the_rule() =>
        Assert.Equal(0.9995, TargetDecay.ForBatch(0.996, 4096, 512), 5); // appendix G: batch 512, tau 0.9995

    [Theory]
    [InlineData(0.99, 256, 512, 0.9801)]
    [InlineData(0.99, 512, 256, 0.994987437)]
    [InlineData(0.9, 128, 128, 0.9)]
    [InlineData(0, 128, 512, 0)]
    [InlineData(1, 128, 512, 1)]
    public void Twice_the_batch_squares_tau(double tau, int reference, int batch, double expected) =>
        Assert.Equal(expected, TargetDecay.ForBatch(tau, reference, batch), 9);

    [Fact]
    public void The_memory_counted_in_samples_stays() => // half-life in steps times samples a step
        Assert.Equal(HalfLife(0.99) * 256, HalfLife(TargetDecay.ForBatch(0.99, 256, 1024)) * 1024, 6);

    [Theory]
    [InlineData(40, 0.97, 0.003)]
    [InlineData(100, 0.99, 0.008)]
    [InlineData(300, 0.99, 0.003)]
    [InlineData(1000, 0.996, 1e-12)]
    public void The_authors_schedules_are_near_the_rule_of_length(int epochs, double tau, double tolerance) =>
        Assert.Equal(tau, TargetDecay.ForLength(0.996, 1000, epochs), tolerance);

    private static double HalfLife(double tau) => Math.Log(0.5) / Math.Log(tau);
}
