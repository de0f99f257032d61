using System.Text.Json;
using Microsoft.ML.OnnxRuntime;

namespace ByolSharp.Onnx;

/// <summary>An encoder's file in ONNX Runtime, with what it says of itself: what encoders of all kinds of data have in common.</summary>
internal sealed class EncoderSession : IDisposable
{
    private const string EncoderKey = "byolsharp.encoder", FingerprintKey = "byolsharp.fingerprint", TokensInput = "input_ids";
    private readonly InferenceSession _session;
    private readonly string _path;
    private readonly string _output;
    private readonly JsonDocument _notes;

    /// <summary>Loads a file.</summary>
    /// <param name="path">The ONNX file.</param>
    /// <param name="options">Threads and execution providers; null: ONNX Runtime's defaults. Not disposed.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no ONNX file, or none that ByolSharp wrote.</exception>
    public EncoderSession(string path, SessionOptions? options)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"there is no encoder file '{path}'.", path);
        }
        (_path, _session) = (path, Load(path, options));
        try
        {
            (_output, var output) = _session.OutputMetadata.Single();
            RepresentationSize = output.Dimensions[1];
            _notes = JsonDocument.Parse(_session.ModelMetadata.CustomMetadataMap[EncoderKey]);
        }
        catch (Exception e) when (IsOfAnotherWriter(e))
        {
            throw NotOurs(e);
        }
        Fingerprint = _session.ModelMetadata.CustomMetadataMap.GetValueOrDefault(FingerprintKey);
    }

    /// <summary>Tells encoders apart; null in files of early versions.</summary>
    public string? Fingerprint { get; }

    /// <summary>Length of a representation.</summary>
    public int RepresentationSize { get; }

    /// <summary>Whether the input is tokens of texts.</summary>
    public bool TakesTokens => _session.InputMetadata.ContainsKey(TokensInput);

    /// <summary>The first input.</summary>
    public (string Name, NodeMetadata Node) Input => _session.InputMetadata.Select(input => (input.Key, input.Value)).First();

    /// <summary>A known first extent of the input, or null for any.</summary>
    public int? MaxBatchSize => Input.Node.Dimensions[0] is > 0 and int size ? size : null;

    /// <summary>Reads a part of the file's notes.</summary>
    /// <exception cref="InvalidDataException">It is not there; the session is disposed.</exception>
    public T Note<T>(Func<JsonElement, T> read)
    {
        try
        {
            return read(_notes.RootElement);
        }
        catch (Exception e) when (IsOfAnotherWriter(e))
        {
            throw NotOurs(e);
        }
    }

    /// <summary>Disposes the session, for an encoder that cannot be what was asked for.</summary>
    public InvalidDataException Refuse(string reason)
    {
        Dispose();
        return new($"'{_path}' {reason}");
    }

    /// <summary>Representations of a batch.</summary>
    /// <param name="names">Names of the inputs.</param>
    /// <param name="inputs">Their values.</param>
    /// <param name="cancellation">Stops ONNX Runtime in the middle of a batch.</param>
    /// <returns>[N * <see cref="RepresentationSize"/>] values, sample after sample.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="OnnxRuntimeException">Type or shape are not what the file takes.</exception>
    public float[] Run(string[] names, OrtValue[] inputs, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var run = new RunOptions();
        using var stop = cancellation.Register(() => run.Terminate = true);
        try
        {
            using var outputs = _session.Run(run, names, inputs, [_output]);
            return outputs[0].GetTensorDataAsSpan<float>().ToArray();
        }
        catch (OnnxRuntimeException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _notes?.Dispose();
        _session.Dispose();
    }

    private InvalidDataException NotOurs(Exception e)
    {
        Dispose();
        return new($"'{_path}' was not written by byol export: {e.Message}", e);
    }

    private static bool IsOfAnotherWriter(Exception e) => e is InvalidOperationException or KeyNotFoundException or JsonException or FormatException or ArgumentException;

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
}
