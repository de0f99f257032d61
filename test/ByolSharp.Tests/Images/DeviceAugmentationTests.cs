using ByolSharp.Images;
using ByolSharp.Tests.Training;
using ByolSharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Images;

/// <summary>Batches augmented by tensor operations are the views that the data threads would have made.</summary>
[Collection(nameof(WholeProcess))]
public sealed class DeviceAugmentationTests : IDisposable
{
    private const float Tolerance = 1e-4f; // of values in units of a standard deviation, up to 2.6; a hue is divided by a small chroma
    private readonly DisposeScope _scope = NewDisposeScope();

    [Theory]
    [InlineData(AugmentationFlavour.Official, 3, 48, Interpolation.Bicubic)]
    [InlineData(AugmentationFlavour.Torchvision, 3, 48, Interpolation.Bilinear)]
    [InlineData(AugmentationFlavour.Official, 1, 24, Interpolation.Bicubic)]
    [InlineData(AugmentationFlavour.Torchvision, 4, 24, Interpolation.Bicubic)]
    public void Views_of_hundreds_of_samples_equal_those_of_the_data_threads(AugmentationFlavour flavour, int channels, int size, Interpolation interpolation)
    {
        var options = ImageViewOptions.Symmetric with { Flavour = flavour, Interpolation = interpolation };
        var (whole, parts) = Sources(options, channels, size);
        for (int first = 0; first < 256; first += 32)
        {
            using var scope = NewDisposeScope();
            AssertEqualViews(whole, parts, epoch: first, [.. Enumerable.Range(first, 32)]);
        }
    }

    [Theory]
    [InlineData(AugmentationFlavour.Official)]
    [InlineData(AugmentationFlavour.Torchvision)]
    public void Every_operation_alone_and_in_every_order_equals_that_of_the_data_threads(AugmentationFlavour flavour)
    {
        var none = new AugmentationOptions { JitterProbability = 0, GrayscaleProbability = 0, BlurProbability = 0 };
        AugmentationOptions[] alone =
        [
            none,
            none with { JitterProbability = 1, Contrast = 0, Saturation = 0, Hue = 0 },
            none with { JitterProbability = 1, Brightness = 0, Saturation = 0, Hue = 0 },
            none with { JitterProbability = 1, Brightness = 0, Contrast = 0, Saturation = 1, Hue = 0 },
            none with { JitterProbability = 1, Brightness = 0, Contrast = 0, Saturation = 0, Hue = 0.5 },
            none with { JitterProbability = 1, Brightness = 0.8, Contrast = 0.8, Saturation = 0.8, Hue = 0.2 },
            none with { GrayscaleProbability = 1 },
            none with { BlurProbability = 1, BlurKernelFraction = 1 },
            none with { BlurProbability = 0.5 },
            none with { SolarizeProbability = 1, SolarizeThreshold = 0.3 },
        ];
        foreach (var augmentation in alone)
        {
            using var scope = NewDisposeScope();
            var (whole, parts) = Sources(new() { T = augmentation, TPrime = augmentation, Flavour = flavour }, channels: 3, size: 20);
            AssertEqualViews(whole, parts, epoch: 0, [.. Enumerable.Range(0, 100)]);
        }
    }

    [Fact]
    public void All_24_orders_of_the_jitter_occur_and_matter()
    {
        using var scope = NewDisposeScope();
        var augmentation = new ImageAugmentation(new(), ImageViewOptions.Official, 8, 3);
        var drawn = new DrawnAugmentation { Jitter = true, Brightness = 0.3f, Contrast = 1.4f, Saturation = 1.2f, Hue = 0.1f, CropWidth = 8, CropHeight = 8 };
        var plans = new float[24 * DeviceAugmentation.PlanLength];
        var crop = new float[augmentation.ViewLength];
        augmentation.ResizeCrop(GradientImages.Make(0, 8, 8, 3), drawn, AugmentationScratch.OfThisThread, crop);
        for (int order = 0; order < 24; order++)
        {
            DeviceAugmentation.Write(drawn with { JitterOrder = order }, plans.AsSpan(order * DeviceAugmentation.PlanLength));
        }
        var views = new DeviceAugmentation(augmentation).Apply(tensor(crop, [1, 3, 8, 8]).repeat(24, 1, 1, 1), plans);

        Assert.True(views.flatten(1).round(3).unique(dim: 0).output.shape[0] > 12);
    }

    [Fact]
    public void The_crops_are_left_as_they_were_so_that_a_batch_can_be_finished_again()
    {
        var (_, parts) = Sources(ImageViewOptions.Official, channels: 3, size: 16);
        var (crops, plans) = Begin(parts, epoch: 0, [0, 1, 2, 3], number: 1);
        var before = crops.clone();
        var once = parts.Finish(crops, 1, plans);

        Assert.True(before.equal(crops).all().item<bool>());
        Assert.True(once.equal(parts.Finish(crops, 1, plans)).all().item<bool>());
    }

    [Fact]
    public void Half_a_batch_gives_half_of_its_views()
    {
        var (_, parts) = Sources(ImageViewOptions.Official, channels: 3, size: 16);
        var (crops, plans) = Begin(parts, epoch: 0, [0, 1, 2, 3], number: 0);
        var half = parts.Finish(crops.narrow(0, 2, 2), 0, plans.AsSpan(2 * parts.PlanLength));

        Assert.True(half.allclose(parts.Finish(crops, 0, plans).narrow(0, 2, 2), 1e-6, 1e-6));
    }

    [Fact]
    public void Batches_leave_no_tensors_behind()
    {
        var (_, parts) = Sources(ImageViewOptions.Symmetric, channels: 3, size: 16);
        var (crops, plans) = Begin(parts, epoch: 0, [.. Enumerable.Range(0, 16)], number: 0);
        parts.Finish(crops, 0, plans).Dispose();
        long before = LiveTensors.CountAfterCollecting();
        for (int i = 0; i < 5; i++)
        {
            parts.Finish(crops, 0, plans).Dispose();
        }

        Assert.InRange(Tensor.TotalCount, 0, before);
    }

    [Fact]
    public void The_loader_hands_over_crops_that_become_the_views_of_the_plain_loader()
    {
        var (whole, parts) = Sources(ImageViewOptions.Official, channels: 3, size: 16);
        using var plain = new DataLoader(whole, 8, seed: 3, workers: 2);
        using var split = new DataLoader(parts, 8, seed: 3, workers: 2);
        for (int step = 0; step < 4; step++)
        {
            using var scope = NewDisposeScope();
            var (expected, batch) = (plain.Next(), split.Next());

            Assert.Null(expected.Finish);
            Assert.True(expected.V1.allclose(batch.Finish!(batch.V1, 0, 0), Tolerance, Tolerance));
            Assert.True(expected.V2.narrow(0, 4, 4).allclose(batch.Finish(batch.V2.narrow(0, 4, 4), 1, 4), Tolerance, Tolerance));
            Assert.True(expected.Labels.equal(batch.Labels).all().item<bool>());
        }
    }

    [Fact]
    public void A_training_has_the_loss_of_one_whose_data_threads_do_all()
    {
        double Loss(AugmentOn place)
        {
            using var folder = new TempFolder();
            using var run = RunDirectory.Open(folder.Of("run"), ExistingRun.Refuse);
            using var data = new GeneratedImages(new GeneratedImageOptions { Count = 32 });
            var options = SmallRun.Options(3);
            return Pretraining.Run(
                options with { Data = options.Data with { AugmentOn = place }, Trainer = options.Trainer with { Duration = Duration.OfSteps(3) } }, run, data).Loss;
        }

        Assert.Equal(Loss(AugmentOn.Cpu), Loss(AugmentOn.Device), 1e-3);
        Assert.NotEqual(SmallRun.Options().Hash(), OptionsJson.Set(SmallRun.Options(), "data.augmentOn=device").Hash());
    }

    public void Dispose() => _scope.Dispose();

    private static (ImageViewSource Whole, DeviceImageViews Parts) Sources(ImageViewOptions options, int channels, int size)
    {
        var views = new ImageViewSource(new GradientImages(300, 40, 30, channels), options, size, seed: 11);
        return (views, new(views));
    }

    private static (Tensor Crops, float[] Plans) Begin(DeviceImageViews parts, long epoch, int[] samples, int number)
    {
        int length = (int)parts.ViewShape.Aggregate((a, b) => a * b);
        int all = samples.Length * length, allPlans = samples.Length * parts.PlanLength;
        float[] views = new float[2 * all], plans = new float[2 * allPlans];
        for (int i = 0; i < samples.Length; i++)
        {
            parts.Begin(epoch, samples[i], new(ref views[i * length], length, all, 2), new(ref plans[i * parts.PlanLength], parts.PlanLength, allPlans, 2));
        }
        return (tensor(views[(number * all)..((number + 1) * all)], [samples.Length, .. parts.ViewShape]), plans[(number * allPlans)..((number + 1) * allPlans)]);
    }

    private static void AssertEqualViews(ImageViewSource whole, DeviceImageViews parts, long epoch, int[] samples)
    {
        for (int number = 0; number < 2; number++)
        {
            var (crops, plans) = Begin(parts, epoch, samples, number);
            float[] actual = parts.Finish(crops, number, plans).data<float>().ToArray();
            int length = actual.Length / samples.Length;
            for (int i = 0; i < samples.Length; i++)
            {
                var expected = new float[2 * length];
                whole.Draw(epoch, samples[i], new(expected, 2));
                float[] view = expected[(number * length)..((number + 1) * length)];
                int worst = Enumerable.Range(0, length).MaxBy(k => Math.Abs(view[k] - actual[i * length + k]));
                Assert.Equal(view[worst], actual[i * length + worst], Tolerance);
            }
        }
    }
}
