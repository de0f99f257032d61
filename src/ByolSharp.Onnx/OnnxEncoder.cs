using System.Text.Json;
using Microsoft.ML.OnnxRuntime;

namespace ByolSharp.Onnx;

/// <summary>
/// An encoder of images or clips that <c>byol export --format onnx</c> wrote, run by ONNX Runtime; for texts there is <see cref="OnnxTextEncoder"/>. Safe to call
/// from several threads at once.
/// </summary>
public sealed class OnnxEncoder : IDisposable
{
    private const int ClipDimensions = 5;
    private readonly EncoderSession _session;
    private readonly string _input;

    /// <summary>Loads a file.</summary>
    /// <param name="path">The ONNX file.</param>
    /// <param name="options">Threads and execution providers; null: ONNX Runtime's defaults. Not disposed.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no ONNX file, none that ByolSharp wrote, or takes texts.</exception>
    public OnnxEncoder(string path, SessionOptions? options = null)
    {
        _session = new(path, options);
        if (_session.TakesTokens)
        {
            throw _session.Refuse($"is an encoder of texts: open it by {nameof(OnnxTextEncoder)} or {nameof(TextEmbeddingGenerator)}.");
        }
        (_input, var input) = _session.Input;
        ImageSize = _session.Note(notes => notes.GetProperty("imageSize").GetInt32());
        Mean = _session.Note(notes => Numbers(notes.GetProperty("mean")));
        Std = _session.Note(notes => Numbers(notes.GetProperty("std")));
        Frames = input.Dimensions.Length == ClipDimensions ? _session.Note(notes => notes.GetProperty("video").GetProperty("frames").GetInt32()) : null;
        TakesViews = _input == "views";
        TakesBytes = input.ElementType == typeof(byte);
        IsChannelsLast = input.Dimensions is [_, _, _, > 0] && !TakesViews && input.Dimensions[1] < 0;
        Channels = input.Dimensions[IsChannelsLast ? 3 : 1];
    }

    /// <summary>Tells encoders apart: an index of representations notes the same; null in files of early versions.</summary>
    public string? Fingerprint => _session.Fingerprint;

    /// <summary>Length of a representation.</summary>
    public int RepresentationSize => _session.RepresentationSize;

    /// <summary>Channels of an image.</summary>
    public int Channels { get; }

    /// <summary>Side of the views in pixels.</summary>
    public int ImageSize { get; }

    /// <summary>Frames of the clips that it was trained on, whose views are [N, channels, frames, height, width]; null for an encoder of images.</summary>
    public int? Frames { get; }

    /// <summary>Mean of each channel, on the scale 0 to 1.</summary>
    public IReadOnlyList<double> Mean { get; }

    /// <summary>Standard deviation of each channel.</summary>
    public IReadOnlyList<double> Std { get; }

    /// <summary>True where the input is normalised views, false where it is images that the graph itself resizes and normalises.</summary>
    public bool TakesViews { get; }

    /// <summary>Whether the input's values are bytes and not floats.</summary>
    public bool TakesBytes { get; }

    /// <summary>Whether the input is [N, height, width, channels] and not [N, channels, height, width].</summary>
    public bool IsChannelsLast { get; }

    /// <summary>The batch size that the file was exported for, or null for any.</summary>
    public int? MaxBatchSize => _session.MaxBatchSize;

    /// <summary>Representations of a batch.</summary>
    /// <typeparam name="T"><see cref="byte"/> or <see cref="float"/>, as <see cref="TakesBytes"/> says.</typeparam>
    /// <param name="batch">Its values.</param>
    /// <param name="shape">Its extents, samples first.</param>
    /// <param name="cancellation">Stops ONNX Runtime in the middle of a batch.</param>
    /// <returns>[N * <see cref="RepresentationSize"/>] values, sample after sample.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="OnnxRuntimeException">Type or shape are not what the file takes.</exception>
    public float[] Run<T>(T[] batch, long[] shape, CancellationToken cancellation = default) where T : unmanaged
    {
        using var input = OrtValue.CreateTensorValueFromMemory(batch, shape);
        return _session.Run([_input], [input], cancellation);
    }

    /// <inheritdoc />
    public void Dispose() => _session.Dispose();

    private static double[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(value => value.GetDouble())];
}
