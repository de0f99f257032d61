using System.Numerics;

namespace ByolSharp.Images;

/// <summary>The last step of every view: clip to [0, 1], subtract the mean of the channel, divide by its standard deviation.</summary>
internal sealed class ViewNormalisation(IReadOnlyList<double> mean, IReadOnlyList<double> std)
{
    private readonly float[] _factors = [.. std.Select(s => (float)(1 / s))];
    private readonly float[] _offsets = [.. mean.Zip(std, (m, s) => (float)(-m / s))];

    /// <summary>What a channel is multiplied with after clipping.</summary>
    public ReadOnlySpan<float> Factors => _factors;

    /// <summary>What is then added.</summary>
    public ReadOnlySpan<float> Offsets => _offsets;

    /// <summary>Normalises one view of as many planes as there are means, in place.</summary>
    public void Apply(Span<float> view)
    {
        int planeSize = view.Length / _factors.Length;
        for (int c = 0; c < _factors.Length; c++)
        {
            PlaneLoops.Run(view.Slice(c * planeSize, planeSize), new ClipAndScale(_factors[c], _offsets[c]));
        }
    }

    /// <summary>Throws unless the image has as many channels as the views.</summary>
    public static void CheckChannels(Image image, int channels)
    {
        if (image.Channels != channels)
        {
            throw new UnreadableSampleException(
                $"image has {image.Channels} channels where {channels} are expected: convert it, or keep images of one kind in a data set");
        }
    }

    private readonly struct ClipAndScale(float factor, float offset) : IValueOperation
    {
        private readonly Vector<float> _factor = new(factor), _offset = new(offset);

        public Vector<float> Apply(Vector<float> values)
        {
            var clipped = Vector.MinNative(Vector.MaxNative(values, Vector<float>.Zero), Vector<float>.One);
            return Vector.MultiplyAddEstimate(clipped, _factor, _offset);
        }
    }
}
