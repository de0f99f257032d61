using System.Text.Json.Serialization;
using ByolSharp.Text;
using ByolSharp.Video;

namespace ByolSharp.Export;

/// <summary>How images or clips are prepared for an encoder; travels in its file.</summary>
public sealed record EncoderMetadata
{
    /// <summary>Side of the square images that it was trained on, in pixels.</summary>
    public int ImageSize { get; init; } = 224;

    /// <summary>Subtracted from each channel, on the scale 0 to 1. Default: ImageNet's means.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [0.485, 0.456, 0.406];

    /// <summary>Each channel is divided by it after that. Default: ImageNet's standard deviations.</summary>
    public IReadOnlyList<double> Std { get; init; } = [0.229, 0.224, 0.225];

    /// <summary>How clips are taken from videos; null for an encoder of images.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public VideoOptions? Video { get; init; }

    /// <summary>Short side that frames of videos are reduced to when they are decoded, in pixels; 0: none. Reaches of changes count in pixels of that size.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int DecodeShortSide { get; init; }

    /// <summary>How texts are cut into tokens; null for an encoder of images or videos.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TextMetadata? Text { get; init; }
}
