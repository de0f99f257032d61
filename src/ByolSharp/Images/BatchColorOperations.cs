using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Images;

/// <summary>
/// The operations of <see cref="ColorOperations"/> on batches [N, C, H, W] in [0, 1] with a strength for each image, [N, 1, 1, 1]: tensor
/// operations for devices where an image at a time would be too little work. Each gives a new tensor, clipped to [0, 1].
/// </summary>
/// <param name="device">Where the batches are; the constants of the operations lie there too, for an upload waits for the device.</param>
internal sealed class BatchColorOperations(Device device) : IDisposable
{
    // Named, because TorchSharp does not keep a temporary Scalar alive while native code reads it.
    private static readonly Scalar Zero = 0, One = 1, Two = 2, Four = 4, Six = 6, Least = 1e-30;
    private static readonly long[] Pixels = [2, 3];

    private readonly Tensor _greyShares = Row(device, ColorOperations.RedShare, ColorOperations.GreenShare, ColorOperations.BlueShare);

    // In sixths of a turn from red: red is lost around 3, green and blue are there around 2 and 4.
    private readonly Tensor _wheelMiddle = Row(device, 3, 2, 4), _wheelSign = Row(device, 1, -1, -1), _wheelOffset = Row(device, -1, 2, 2);

    /// <summary>x + delta (official).</summary>
    public static Tensor AddBrightness(Tensor images, Tensor delta) => Clip(images.add(delta, One));

    /// <summary>x * factor (torchvision).</summary>
    public static Tensor ScaleBrightness(Tensor images, Tensor factor) => Clip(images.mul(factor));

    /// <summary>Distance of each channel from its own mean, times the factor (official).</summary>
    public static Tensor ContrastAboutChannelMeans(Tensor images, Tensor factor) => Clip(images.mean(Pixels, keepdim: true).lerp(images, factor));

    /// <summary>Distance from the mean of the grey image, or of all values where there are no three channels, times the factor (torchvision).</summary>
    public Tensor ContrastAboutGreyMean(Tensor images, Tensor factor)
    {
        var means = images.mean(Pixels, keepdim: true);
        return Clip((images.shape[1] == 3 ? Grey(means) : means.mean([1], keepdim: true)).lerp(images, factor));
    }

    /// <summary>S of HSV times the factor, clipped to 1 (official); the hue is not needed, see <see cref="ColorOperations"/>.</summary>
    public static Tensor SaturateHsv(Tensor rgb, Tensor factor)
    {
        var value = rgb.amax([1], keepdim: true);
        var chroma = value.sub(rgb.amin([1], keepdim: true)).clamp_min_(Least);
        return Clip(value.lerp(rgb, factor.minimum(value.div(chroma))));
    }

    /// <summary>Distance from grey times the factor (torchvision).</summary>
    public Tensor SaturateAgainstGrey(Tensor rgb, Tensor factor) => Clip(Grey(rgb).lerp(rgb, factor));

    /// <summary>All three channels become the weighted sum of the three.</summary>
    public Tensor Grayscale(Tensor rgb) => Clip(Grey(rgb)).repeat(1, 3, 1, 1);

    /// <summary>Turns the hue; S and V of HSV stay.</summary>
    public Tensor ShiftHue(Tensor rgb, Tensor turns)
    {
        var value = rgb.amax([1], keepdim: true);
        var low = rgb.amin([1], keepdim: true);
        var chroma = value.sub(low);
        var sixths = HueOf(rgb, value, chroma.clamp_min(Least)).add_(turns, Six);
        sixths.sub_(sixths.div(Six).floor_().mul_(Six));
        var share = Clip(sixths.sub(_wheelMiddle).abs_().mul_(_wheelSign).add_(_wheelOffset, One));
        return Clip(low.addcmul(chroma, share, One));
    }

    /// <summary>Values from the threshold upwards become 1 - value.</summary>
    public static Tensor Solarize(Tensor images, double threshold)
    {
        using Scalar limit = threshold;
        return where(images.lt(limit), images, images.neg().add_(One, One));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _greyShares.Dispose();
        _wheelMiddle.Dispose();
        _wheelSign.Dispose();
        _wheelOffset.Dispose();
    }

    private Tensor Grey(Tensor rgb) => rgb.mul(_greyShares).sum([1], keepdim: true);

    /// <summary>In sixths of a turn: 0 red, 2 green, 4 blue; the first channel that is the largest decides.</summary>
    private static Tensor HueOf(Tensor rgb, Tensor value, Tensor chroma)
    {
        var (red, green, blue) = (rgb.narrow(1, 0, 1), rgb.narrow(1, 1, 1), rgb.narrow(1, 2, 1));
        var notRed = where(green.eq(value), blue.sub(red).div_(chroma).add_(Two, One), red.sub(green).div_(chroma).add_(Four, One));
        return where(red.eq(value), green.sub(blue).div_(chroma), notRed);
    }

    /// <summary>A number for each channel, [1, 3, 1, 1].</summary>
    private static Tensor Row(Device device, params float[] values) => tensor(values, [1, 3, 1, 1], device: device).DetachFromDisposeScope();

    private static Tensor Clip(Tensor images) => images.clamp_(Zero, One);
}
