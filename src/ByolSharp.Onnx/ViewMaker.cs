using ByolSharp.Images;

namespace ByolSharp.Onnx;

/// <summary>The view that an encoder was evaluated on: short side resized, middle cut out, normalised.</summary>
internal sealed class ViewMaker(OnnxEncoder encoder)
{
    private readonly float[] _factors = [.. encoder.Std.Select(s => (float)(1 / s))];
    private readonly float[] _offsets = [.. encoder.Mean.Zip(encoder.Std, (m, s) => (float)(-m / s))];

    /// <summary>Values of a view: channels * size * size.</summary>
    public int ViewLength => encoder.Channels * encoder.ImageSize * encoder.ImageSize;

    /// <summary>Writes the [channels, size, size] view of an image. Safe to call from several threads.</summary>
    public void Make(Pixels image, Span<float> view)
    {
        (int size, int channels) = (encoder.ImageSize, encoder.Channels);
        int shortSide = Math.Min(image.Width, image.Height);
        bool isWhole = image.Width == size && image.Height == size;
        AxisWeights columns = new(), rows = new();
        columns.BuildMiddle(image.Width, shortSide, size, isWhole);
        rows.BuildMiddle(image.Height, shortSide, size, isWhole, gain: 1.0 / byte.MaxValue);

        int firstRow = rows.First.ToArray().Min(), lastRow = rows.First.ToArray().Max() + rows.Taps;
        var narrow = new float[(lastRow - firstRow) * size * channels]; // rows of the image, resized along x
        for (int row = firstRow; row < lastRow; row++)
        {
            MixColumns(image.Values.AsSpan(row * image.Width * channels, image.Width * channels), columns, channels, narrow.AsSpan((row - firstRow) * size * channels));
        }
        var mixed = new float[size * channels];
        for (int y = 0; y < size; y++)
        {
            MixRows(narrow, rows.First[y] - firstRow, rows.Weights.Slice(y * rows.Taps, rows.Taps), mixed);
            for (int i = 0; i < mixed.Length; i++)
            {
                int channel = i % channels;
                view[(channel * size + y) * size + i / channels] = Math.Clamp(mixed[i], 0, 1) * _factors[channel] + _offsets[channel];
            }
        }
    }

    private static void MixColumns(ReadOnlySpan<byte> row, AxisWeights columns, int channels, Span<float> narrow)
    {
        for (int x = 0; x < columns.Count; x++)
        {
            var weights = columns.Weights.Slice(x * columns.Taps, columns.Taps);
            for (int channel = 0; channel < channels; channel++)
            {
                float sum = 0;
                int from = columns.First[x] * channels + channel;
                foreach (float weight in weights)
                {
                    sum += weight * row[from];
                    from += channels;
                }
                narrow[x * channels + channel] = sum;
            }
        }
    }

    private static void MixRows(ReadOnlySpan<float> narrow, int first, ReadOnlySpan<float> weights, Span<float> mixed)
    {
        mixed.Clear();
        for (int k = 0; k < weights.Length; k++)
        {
            var row = narrow.Slice((first + k) * mixed.Length, mixed.Length);
            for (int i = 0; i < mixed.Length; i++)
            {
                mixed[i] += weights[k] * row[i];
            }
        }
    }
}
