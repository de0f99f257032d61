using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Images;

/// <summary>
/// The later part of an <see cref="ImageAugmentation"/>, from the colour jitter on, for whole batches where the network computes. The data threads
/// draw all decisions and make the crops, which also brings images to one size; this gives the same views as doing all of it there, but for rounding.
/// </summary>
/// <param name="augmentation">The distribution.</param>
internal sealed class DeviceAugmentation(ImageAugmentation augmentation)
{
    /// <summary>Numbers that hold what was drawn for a view and is still to do.</summary>
    public const int PlanLength = 8;

    private const int Places = 4, JitterOrder = 4, Grayscale = 5, BlurSigma = 6, Solarize = 7;
    private const float Never = -1;
    private static readonly Scalar Zero = 0, One = 1;

    private BatchColorOperations? _colors;
    private Tensor? _factors, _offsets;

    private delegate Tensor Operation(Tensor images, Tensor plans, int[] chosen);

    /// <summary>Writes down what was drawn: four strengths, the order of the jitter or -1, and three operations, of which -1 is none.</summary>
    public static void Write(in DrawnAugmentation drawn, Span<float> plan)
    {
        plan[0] = drawn.Brightness;
        plan[1] = drawn.Contrast;
        plan[2] = drawn.Saturation;
        plan[3] = drawn.Hue;
        plan[JitterOrder] = drawn.Jitter ? drawn.JitterOrder : Never;
        plan[Grayscale] = drawn.Grayscale ? 1 : Never;
        plan[BlurSigma] = drawn.Blur ? drawn.BlurSigma : Never;
        plan[Solarize] = drawn.Solarize ? 1 : Never;
    }

    /// <summary>Makes views of crops.</summary>
    /// <param name="crops">[N, C, H, W] in [0, 1]; not changed.</param>
    /// <param name="plans">N plans, one after the other.</param>
    /// <returns>Normalised views, on the device of the crops.</returns>
    public Tensor Apply(Tensor crops, ReadOnlySpan<float> plans)
    {
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        Prepare(crops.device);
        var work = Schedule(plans.ToArray());
        // Two uploads for all that follows, since each waits for the device.
        var drawn = tensor(plans.ToArray(), [crops.shape[0], PlanLength], device: crops.device);
        var indices = tensor(work.SelectMany(w => w.Chosen).Select(i => (long)i).ToArray(), device: crops.device);
        var images = crops.clone();
        long start = 0;
        foreach (var (operation, chosen) in work)
        {
            images = OnSome(images, drawn, indices.narrow(0, start, chosen.Length), operation, chosen);
            start += chosen.Length;
        }
        return images.clamp_(Zero, One).mul_(_factors!).add_(_offsets!, One).MoveToOuterDisposeScope();
    }

    /// <summary>The operations in their order, each with the images that it is for; each image has its own order of the jitter.</summary>
    private List<(Operation Operation, int[] Chosen)> Schedule(float[] plans)
    {
        var work = new List<(Operation Operation, int[] Chosen)>();
        for (int place = 0; place < Places; place++)
        {
            for (int jitter = 0; jitter < Places; jitter++)
            {
                if (augmentation.Has(jitter))
                {
                    Add(Jitter(jitter), JitterOrder, order => ImageAugmentation.Orders[(int)order][place] == jitter);
                }
            }
        }
        if (augmentation.Channels == 3)
        {
            Add((images, _, _) => _colors!.Grayscale(images), Grayscale);
        }
        if (augmentation.BlurRadius > 0)
        {
            Add((images, _, chosen) => Blur(images, [.. chosen.Select(i => plans[i * PlanLength + BlurSigma])]), BlurSigma);
        }
        Add((images, _, _) => BatchColorOperations.Solarize(images, augmentation.Options.SolarizeThreshold), Solarize);
        return work;

        void Add(Operation operation, int column, Func<float, bool>? when = null)
        {
            int[] chosen = [.. Enumerable.Range(0, plans.Length / PlanLength)
                .Where(i => plans[i * PlanLength + column] is var value and not Never && (when?.Invoke(value) ?? true))];
            if (chosen.Length > 0)
            {
                work.Add((operation, chosen));
            }
        }
    }

    private Operation Jitter(int number)
    {
        bool official = augmentation.Flavour == AugmentationFlavour.Official;
        Func<Tensor, Tensor, Tensor> operation = number switch
        {
            0 => official ? BatchColorOperations.AddBrightness : BatchColorOperations.ScaleBrightness,
            1 => official ? BatchColorOperations.ContrastAboutChannelMeans : _colors!.ContrastAboutGreyMean,
            2 => official ? BatchColorOperations.SaturateHsv : _colors!.SaturateAgainstGrey,
            _ => _colors!.ShiftHue,
        };
        return (images, plans, _) => operation(images, plans.narrow(1, number, 1).reshape(-1, 1, 1, 1));
    }

    private static Tensor OnSome(Tensor images, Tensor plans, Tensor index, Operation operation, int[] chosen)
    {
        using var scope = NewDisposeScope(); // what an operation leaves would add up to many batches
        if (chosen.Length == images.shape[0])
        {
            return operation(images, plans, chosen).MoveToOuterDisposeScope();
        }
        images.index_copy_(0, index, operation(images.index_select(0, index), plans.index_select(0, index), chosen));
        return images;
    }

    /// <summary>Rows, then columns, each plane with the kernel of its image.</summary>
    private Tensor Blur(Tensor images, float[] sigmas)
    {
        int radius = augmentation.BlurRadius, taps = 2 * radius + 1;
        var weights = new float[sigmas.Length * taps];
        Span<float> half = stackalloc float[radius + 1];
        for (int i = 0; i < sigmas.Length; i++)
        {
            GaussianBlur.FillWeights(half, sigmas[i]);
            for (int k = 0; k < taps; k++)
            {
                weights[i * taps + k] = half[Math.Abs(k - radius)];
            }
        }
        long planes = sigmas.Length * augmentation.Channels;
        var kernel = tensor(weights, [sigmas.Length, 1, 1, taps], device: images.device).repeat_interleave(augmentation.Channels, 0);
        bool mirrors = augmentation.Flavour != AugmentationFlavour.Official;
        var padded = mirrors ? nn.functional.pad(images, [radius, radius, radius, radius], PaddingModes.Reflect) : images;
        padded = padded.reshape(1, planes, padded.shape[2], padded.shape[3]);
        int zeros = mirrors ? 0 : radius;
        var rows = nn.functional.conv2d(padded, kernel, padding: [0, zeros], groups: planes);
        return nn.functional.conv2d(rows, kernel.transpose(2, 3), padding: [zeros, 0], groups: planes).reshape(images.shape);
    }

    private void Prepare(Device device)
    {
        if (_factors?.device == device)
        {
            return;
        }
        _colors?.Dispose();
        _factors?.Dispose();
        _offsets?.Dispose();
        _colors = new(device);
        _factors = PerChannel(augmentation.Normalisation.Factors, device);
        _offsets = PerChannel(augmentation.Normalisation.Offsets, device);
    }

    private static Tensor PerChannel(ReadOnlySpan<float> values, Device device) =>
        tensor(values.ToArray(), [1, values.Length, 1, 1], device: device).DetachFromDisposeScope();
}
