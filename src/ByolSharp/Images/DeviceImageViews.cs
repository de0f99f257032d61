using static TorchSharp.torch;

namespace ByolSharp.Images;

/// <summary>
/// The views of an <see cref="ImageViewSource"/>, of which the data threads make the crops and the device of the network the rest: the same
/// views, but for rounding.
/// </summary>
/// <param name="views">Data set and distributions.</param>
public sealed class DeviceImageViews(ImageViewSource views) : IDeviceViewSource
{
    private readonly DeviceAugmentation _t = new(views.T), _tPrime = new(views.TPrime);

    /// <inheritdoc />
    public int Count => views.Count;

    /// <inheritdoc />
    public IReadOnlyList<long> ViewShape => views.ViewShape;

    /// <inheritdoc />
    public int PlanLength => DeviceAugmentation.PlanLength;

    /// <inheritdoc />
    public int LabelOf(int index) => views.LabelOf(index);

    /// <inheritdoc />
    public void Draw(long epoch, int index, ViewSpans drawn) => views.Draw(epoch, index, drawn);

    /// <inheritdoc />
    public void Begin(long epoch, int index, ViewSpans begun, ViewSpans plans)
    {
        var image = views.Read(index);
        Begin(views.T, image, views.RandomOf(epoch, index, view: 0), begun[0], plans[0]);
        Begin(views.TPrime, image, views.RandomOf(epoch, index, view: 1), begun[1], plans[1]);
    }

    /// <inheritdoc />
    public Tensor Finish(Tensor begun, int number, ReadOnlySpan<float> plans) => (number == 0 ? _t : _tPrime).Apply(begun, plans);

    private static void Begin(ImageAugmentation augmentation, Image image, SampleRandom random, Span<float> view, Span<float> plan)
    {
        var drawn = augmentation.Draw(ref random, image.Width, image.Height);
        augmentation.ResizeCrop(image, drawn, AugmentationScratch.OfThisThread, view);
        DeviceAugmentation.Write(drawn, plan);
    }
}
