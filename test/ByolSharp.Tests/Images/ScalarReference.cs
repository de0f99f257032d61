using ByolSharp.Images;

namespace ByolSharp.Tests.Images;

/// <summary>The operations once more, in double, pixel by pixel, straight from their definitions; planes are [channel][y, x].</summary>
internal static class ScalarReference
{
    public static double[] Apply(Image image, DrawnAugmentation drawn, int size, AugmentationFlavour flavour, Interpolation interpolation,
        AugmentationOptions options)
    {
        bool official = flavour == AugmentationFlavour.Official;
        var planes = Resize(image, drawn, size, interpolation, antialias: !official);
        if (drawn.Jitter)
        {
            foreach (char operation in Orders()[drawn.JitterOrder])
            {
                Jitter(planes, operation, drawn, official);
            }
        }

        if (drawn.Grayscale && planes.Length == 3)
        {
            Map(planes, rgb => Enumerable.Repeat(Grey(rgb), 3));
        }

        int radius = options.BlurRadius(size);
        for (int c = 0; c < planes.Length && drawn.Blur; c++)
        {
            planes[c] = Blur(planes[c], radius, drawn.BlurSigma, official);
        }

        if (drawn.Solarize)
        {
            Map(planes, values => values.Select(v => v < options.SolarizeThreshold ? v : 1 - v));
        }

        return [.. planes.SelectMany(p => p.Cast<double>()).Select(Clip)];
    }

    private static double[][,] Resize(Image image, DrawnAugmentation drawn, int size, Interpolation interpolation, bool antialias)
    {
        var planes = new double[image.Channels][,];
        for (int c = 0; c < image.Channels; c++)
        {
            planes[c] = new double[size, size];
            for (int y = 0; y < size; y++)
            {
                for (int x = 0; x < size; x++)
                {
                    double sum = 0, total = 0;
                    for (int j = 0; j < drawn.CropHeight; j++)
                    {
                        double wy = Kernel(j, drawn.CropHeight, y, size, interpolation, antialias);
                        for (int i = 0; i < drawn.CropWidth && wy != 0; i++)
                        {
                            double w = wy * Kernel(i, drawn.CropWidth, drawn.Flip ? size - 1 - x : x, size, interpolation, antialias);
                            sum += w * ValueOf(image, drawn.CropX + i, drawn.CropY + j, c);
                            total += w;
                        }
                    }

                    planes[c][y, x] = Clip(sum / total);
                }
            }
        }

        return planes;
    }

    private static double Kernel(int input, int inputs, int output, int outputs, Interpolation interpolation, bool antialias)
    {
        double scale = (double)inputs / outputs;
        double x = Math.Abs(input + 0.5 - (output + 0.5) * scale) / (antialias ? Math.Max(1, scale) : 1);
        return interpolation == Interpolation.Bilinear ? Math.Max(0, 1 - x)
            : x < 1 ? 1.5 * x * x * x - 2.5 * x * x + 1
            : x < 2 ? -0.5 * x * x * x + 2.5 * x * x - 4 * x + 2 : 0;
    }

    private static double ValueOf(Image image, int x, int y, int c)
    {
        int at = (y * image.Width + x) * image.Channels + c;
        return image.Format switch
        {
            PixelFormat.UInt8 => image.Bytes[at] / 255.0,
            PixelFormat.UInt16 => image.Words[at] / 65535.0,
            _ => image.Floats[at],
        };
    }

    private static void Jitter(double[][,] planes, char operation, DrawnAugmentation drawn, bool official)
    {
        bool color = planes.Length == 3;
        switch (operation)
        {
            case 'b':
                Map(planes, values => values.Select(v => official ? v + drawn.Brightness : v * drawn.Brightness));
                break;
            case 'c':
                double[] means = [.. planes.Select(p => p.Cast<double>().Average())];
                double grey = color ? Grey(means) : means.Average();
                Map(planes, values => values.Select((v, c) => (v - (official ? means[c] : grey)) * drawn.Contrast + (official ? means[c] : grey)));
                break;
            case 's' when color && official:
                MapHsv(planes, (h, s, v) => (h, Math.Min(1, s * drawn.Saturation), v));
                break;
            case 's' when color:
                Map(planes, rgb => rgb.Select(v => drawn.Saturation * v + (1 - drawn.Saturation) * Grey(rgb)));
                break;
            case 'h' when color:
                MapHsv(planes, (h, s, v) => (h + drawn.Hue, s, v));
                break;
        }
    }

    private static double[,] Blur(double[,] plane, int radius, double sigma, bool zeros)
    {
        int size = plane.GetLength(0);
        double total = Enumerable.Range(-radius, 2 * radius + 1).Sum(k => Math.Exp(-k * k / (2 * sigma * sigma)));
        var blurred = new double[size, size];
        for (int y = 0; y < size; y++)
        {
            for (int x = 0; x < size; x++)
            {
                for (int j = -radius; j <= radius; j++)
                {
                    for (int i = -radius; i <= radius; i++)
                    {
                        bool inside = y + j >= 0 && y + j < size && x + i >= 0 && x + i < size;
                        double value = inside || !zeros ? plane[Reflect(y + j, size), Reflect(x + i, size)] : 0;
                        blurred[y, x] += value * Math.Exp(-(i * i + j * j) / (2 * sigma * sigma)) / (total * total);
                    }
                }
            }
        }

        return blurred;
    }

    private static int Reflect(int position, int size)
    {
        while (position < 0 || position >= size)
        {
            position = size == 1 ? 0 : position < 0 ? -position : 2 * (size - 1) - position;
        }

        return position;
    }

    private static void MapHsv(double[][,] planes, Func<double, double, double, (double H, double S, double V)> change) => Map(planes, rgb =>
    {
        double v = rgb.Max(), chroma = v - rgb.Min();
        double h = chroma == 0 ? 0 : rgb[0] == v ? (rgb[1] - rgb[2]) / chroma / 6
            : rgb[1] == v ? (rgb[2] - rgb[0]) / chroma / 6 + 1 / 3.0 : (rgb[0] - rgb[1]) / chroma / 6 + 2 / 3.0;
        var to = change(h, v == 0 ? 0 : chroma / v, v);
        double sixth = (to.H - Math.Floor(to.H)) * 6, c = to.S * to.V, x = c * (1 - Math.Abs(sixth % 2 - 1)), m = to.V - c;
        double[] wheel = (int)sixth switch
        {
            0 => [c, x, 0],
            1 => [x, c, 0],
            2 => [0, c, x],
            3 => [0, x, c],
            4 => [x, 0, c],
            _ => [c, 0, x],
        };
        return wheel.Select(w => w + m);
    });

    private static void Map(double[][,] planes, Func<double[], IEnumerable<double>> change)
    {
        int size = planes[0].GetLength(0);
        for (int i = 0; i < size * size; i++)
        {
            double[] to = [.. change([.. planes.Select(p => p[i / size, i % size])])];
            for (int c = 0; c < planes.Length; c++)
            {
                planes[c][i / size, i % size] = Clip(to[c]);
            }
        }
    }

    private static double Grey(double[] rgb) => 0.2989 * rgb[0] + 0.5870 * rgb[1] + 0.1140 * rgb[2];

    private static double Clip(double value) => Math.Clamp(value, 0, 1);

    // All orders of the four letters, as a dictionary sorts b < c < s < h by their place.
    private static string[] Orders()
    {
        const string letters = "bcsh";
        return [.. Insert("", letters)];

        static IEnumerable<string> Insert(string chosen, string rest) => rest.Length == 0
            ? [chosen]
            : rest.SelectMany(letter => Insert(chosen + letter, rest.Replace($"{letter}", "")));
    }
}
