using System.Text.Json;
using Microsoft.ML.OnnxRuntime;

namespace ByolSharp.Onnx;

/// <summary>
/// An encoder that <c>byol export --format onnx</c> wrote, run by ONNX Runtime. Safe to call from several threads at once.
/// </summary>
public sealed class OnnxEncoder : IDisposable
{
    private const string EncoderKey = "byolsharp.encoder";
    private const string FingerprintKey = "byolsharp.fingerprint";
    private readonly InferenceSession _session;
    private readonly string _input;
    private readonly string _output;

    /// <summary>Loads a file.</summary>
    /// <param name="path">The ONNX file.</param>
    /// <param name="options">Threads and execution providers; null: ONNX Runtime's defaults. Not disposed.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no ONNX file, or none that ByolSharp wrote.</exception>
    public OnnxEncoder(string path, SessionOptions? options = null)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"there is no encoder file '{path}'.", path);
        }
        _session = Load(path, options);
        try
        {
            (_input, var input) = _session.InputMetadata.Single();
            (_output, var output) = _session.OutputMetadata.Single();
            using var notes = JsonDocument.Parse(_session.ModelMetadata.CustomMetadataMap[EncoderKey]);
            ImageSize = notes.RootElement.GetProperty("imageSize").GetInt32();
            Mean = Numbers(notes.RootElement.GetProperty("mean"));
            Std = Numbers(notes.RootElement.GetProperty("std"));
            Fingerprint = _session.ModelMetadata.CustomMetadataMap.GetValueOrDefault(FingerprintKey);
            TakesViews = _input == "views";
            TakesBytes = input.ElementType == typeof(byte);
            IsChannelsLast = input.Dimensions is [_, _, _, > 0] && !TakesViews && input.Dimensions[1] < 0;
            (Channels, RepresentationSize) = (input.Dimensions[IsChannelsLast ? 3 : 1], output.Dimensions[1]);
            MaxBatchSize = input.Dimensions[0] > 0 ? input.Dimensions[0] : null;
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or JsonException)
        {
            _session.Dispose();
            throw new InvalidDataException($"'{path}' was not written by byol export: {e.Message}", e);
        }
    }

    /// <summary>Tells encoders apart: an index of representations notes the same; null in files of early versions.</summary>
    public string? Fingerprint { get; }

    /// <summary>Length of a representation.</summary>
    public int RepresentationSize { get; }

    /// <summary>Channels of an image.</summary>
    public int Channels { get; }

    /// <summary>Side of the views in pixels.</summary>
    public int ImageSize { get; }

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
    public int? MaxBatchSize { get; }

    /// <summary>Representations of a batch.</summary>
    /// <typeparam name="T"><see cref="byte"/> or <see cref="float"/>, as <see cref="TakesBytes"/> says.</typeparam>
    /// <param name="batch">Its values.</param>
    /// <param name="shape">Its four extents, images first.</param>
    /// <param name="cancellation">Stops ONNX Runtime in the middle of a batch.</param>
    /// <returns>[N * <see cref="RepresentationSize"/>] values, image after image.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="OnnxRuntimeException">Type or shape are not what the file takes.</exception>
    public float[] Run<T>(T[] batch, long[] shape, CancellationToken cancellation = default) where T : unmanaged
    {
        cancellation.ThrowIfCancellationRequested();
        using var run = new RunOptions();
        using var stop = cancellation.Register(() => run.Terminate = true);
        using var input = OrtValue.CreateTensorValueFromMemory(batch, shape);
        try
        {
            using var outputs = _session.Run(run, [_input], [input], [_output]);
            return outputs[0].GetTensorDataAsSpan<float>().ToArray();
        }
        catch (OnnxRuntimeException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _session.Dispose();

    private static InferenceSession Load(string path, SessionOptions? options)
    {
        try
        {
            return options is null ? new(path) : new(path, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"'{path}' is no ONNX file that this ONNX Runtime can run: {e.Message}", e);
        }
    }

    private static double[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(value => value.GetDouble())];
}
