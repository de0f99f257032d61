namespace ByolSharp.Images;

/// <summary>Where a crop lies, and the area and aspect ratio that were drawn for it.</summary>
internal readonly record struct Crop(int X, int Y, int Width, int Height, double Area, double Aspect)
{
    /// <summary>The official draw: once, rounded, clamped to the image. The clamp favours large crops: no aspect ratio is rejected.</summary>
    public static Crop DrawOnce(AugmentationOptions options, ref SampleRandom random, int width, int height)
    {
        var (area, aspect) = DrawShape(options, ref random);
        var (w, h) = Size(area, aspect, width, height);
        w = Math.Clamp(w, 1, width);
        h = Math.Clamp(h, 1, height);
        return new(random.NextInt(width - w + 1), random.NextInt(height - h + 1), w, h, area, aspect);
    }

    /// <summary>torchvision's draw: up to ten tries for a crop that fits, else the largest centre crop of a permitted aspect ratio.</summary>
    public static Crop DrawTenTimes(AugmentationOptions options, ref SampleRandom random, int width, int height)
    {
        for (int tries = 0; tries < 10; tries++)
        {
            var (area, aspect) = DrawShape(options, ref random);
            var (w, h) = Size(area, aspect, width, height);
            if (w > 0 && h > 0 && w <= width && h <= height)
            {
                return new(random.NextInt(width - w + 1), random.NextInt(height - h + 1), w, h, area, aspect);
            }
        }

        double clamped = Math.Clamp((double)width / height, options.CropAspectMin, options.CropAspectMax);
        int centreWidth = Math.Clamp((int)Math.Round(height * clamped), 1, width);
        int centreHeight = Math.Clamp((int)Math.Round(width / clamped), 1, height);
        double share = (double)centreWidth * centreHeight / ((double)width * height);
        return new((width - centreWidth) / 2, (height - centreHeight) / 2, centreWidth, centreHeight, share, clamped);
    }

    private static (double Area, double Aspect) DrawShape(AugmentationOptions options, ref SampleRandom random)
    {
        double area = random.NextDouble(options.CropAreaMin, options.CropAreaMax);
        double aspect = Math.Exp(random.NextDouble(Math.Log(options.CropAspectMin), Math.Log(options.CropAspectMax)));
        return (area, aspect);
    }

    private static (int Width, int Height) Size(double area, double aspect, int width, int height)
    {
        double pixels = area * width * height;
        return ((int)Math.Round(Math.Sqrt(pixels * aspect)), (int)Math.Round(Math.Sqrt(pixels / aspect)));
    }
}
