namespace ByolSharp.Tests;

public sealed class ConvolutionCheckTests
{
    [Fact]
    public void Convolutions_are_right_on_this_machine_also_where_it_hides_its_caches()
    {
        Assert.InRange(ConvolutionCheck.LargestError(), 0, ConvolutionCheck.Tolerance);
        Assert.Equal(OperatingSystem.IsLinux() && HiddenCaches.AreHidden, HiddenCaches.AreTold);
    }
}
