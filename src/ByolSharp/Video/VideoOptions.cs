namespace ByolSharp.Video;

/// <summary>How clips are taken from videos (Feichtenhofer et al. 2021, arXiv 2104.14558).</summary>
public sealed record VideoOptions
{
    /// <summary>Frames of a clip (T), 1 to 1024. Default 8 (paper).</summary>
    public int Frames { get; init; } = 8;

    /// <summary>Frames of the video from one frame of a clip to the next (tau in the paper), 1 to 1024. Default 8 (paper).</summary>
    public int Stride { get; init; } = 8;

    /// <summary>Clips of a video in each step (rho): each predicts all others; 2 to 16. Default 2; the paper's best is 4.</summary>
    public int Clips { get; init; } = 2;

    /// <summary>
    /// Probability that a clip shows its changes instead of its colours: half of the difference of grey between a frame and the next one about
    /// middle grey; 0 to 1. Default 0; the paper tries 0.2.
    /// </summary>
    public double DifferenceProbability { get; init; }

    /// <summary>
    /// How many pixels (of frames as they are decoded, see data.decodeShortSide) something may move from one frame of a clip to the next and still not count as a change; 0 to 16.
    /// Changes are then how much each block of 3 x 3 pixels differs from the most similar one within that distance in the next frame, black where nothing changes: a moving camera and a body
    /// that sways are gone, what moves farther stays. Default 0 (paper): the plain difference.
    /// </summary>
    public int DifferenceReach { get; init; }

    /// <summary>
    /// Share of the pixels of a clip's changes that are shown at the greatest level, 0 to 0.5: the levels of each clip are stretched until it is reached, so that views do not tell clips apart by how
    /// strongly a body differs from what is behind it. Default 0 (paper): levels as they are.
    /// </summary>
    public double DifferenceSaturation { get; init; }

    /// <summary>Exponent of a change's level after stretching, 0.1 to 10; below 1 makes small changes more visible. Default 1 (paper).</summary>
    public double DifferenceGamma { get; init; } = 1;

    /// <summary>
    /// Views, also those of evaluation, are taken from a square around where a clip changes most; the side of the square as a part of the frames' short side, 0.05 to 1. Default 1
    /// (paper): from the whole picture.
    /// </summary>
    public double MotionWindow { get; init; } = 1;

    /// <summary>Clips of a video in evaluation, evenly spread over it; 1 to 100. Default 10 (paper); what the network says of them is averaged.</summary>
    public int EvalClips { get; init; } = 10;

    /// <summary>Crops of each of these clips, side by side along the longer side; 1 to 9. Default 3 (paper).</summary>
    public int EvalCrops { get; init; } = 3;

    /// <summary>
    /// Evaluation, embedding and training on labels show changes too, always; for encoders that were trained with a differenceProbability of 1. Default
    /// false (paper).
    /// </summary>
    public bool EvalDifference { get; init; }

    /// <summary>Throws unless every value is in its range.</summary>
    /// <exception cref="ConfigurationException">A value does not work; the message names its key.</exception>
    public void Validate()
    {
        OptionCheck.Range("video.frames", Frames, 1, 1024);
        OptionCheck.Range("video.stride", Stride, 1, 1024);
        OptionCheck.Range("video.clips", Clips, 2, 16);
        OptionCheck.Range("video.differenceProbability", DifferenceProbability, 0, 1);
        OptionCheck.Range("video.differenceReach", DifferenceReach, 0, 16);
        OptionCheck.Range("video.differenceSaturation", DifferenceSaturation, 0, 0.5);
        OptionCheck.Range("video.differenceGamma", DifferenceGamma, 0.1, 10);
        OptionCheck.Range("video.motionWindow", MotionWindow, 0.05, 1);
        OptionCheck.Range("video.evalClips", EvalClips, 1, 100);
        OptionCheck.Range("video.evalCrops", EvalCrops, 1, 9);
    }
}
