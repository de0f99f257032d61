using ByolSharp.Text;
using ByolSharp.Text.Tokenizers;
using Microsoft.ML.OnnxRuntime;

namespace ByolSharp.Onnx;

/// <summary>
/// An encoder of texts that <c>byol export --format onnx</c> wrote, run by ONNX Runtime, with the tokenizer that is in its file. Safe to call from several threads
/// at once.
/// </summary>
public sealed class OnnxTextEncoder : IDisposable
{
    private static readonly string[] InputNames = ["input_ids", "attention_mask"];
    private readonly EncoderSession _session;
    private readonly SubwordTokenizer _tokenizer;
    private readonly int? _fixedLength;

    /// <summary>Loads a file.</summary>
    /// <param name="path">The ONNX file.</param>
    /// <param name="options">Threads and execution providers; null: ONNX Runtime's defaults. Not disposed.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no ONNX file, none that ByolSharp wrote, or takes no texts.</exception>
    public OnnxTextEncoder(string path, SessionOptions? options = null)
    {
        _session = new(path, options);
        if (!_session.TakesTokens)
        {
            throw _session.Refuse($"is no encoder of texts: open it by {nameof(OnnxEncoder)}.");
        }
        MaxTokens = _session.Note(notes => notes.GetProperty("text").GetProperty("options").GetProperty("maxTokens").GetInt32());
        _tokenizer = Tokenizer(path);
        _fixedLength = _session.Input.Node.Dimensions[1] is > 0 and int length ? length : null;
    }

    /// <summary>Tells encoders apart: an index of representations notes the same.</summary>
    public string? Fingerprint => _session.Fingerprint;

    /// <summary>Length of a representation.</summary>
    public int RepresentationSize => _session.RepresentationSize;

    /// <summary>Tokens of a text, with those at its ends; longer texts are cut.</summary>
    public int MaxTokens { get; }

    /// <summary>The batch size that the file was exported for, or null for any.</summary>
    public int? MaxBatchSize => _session.MaxBatchSize;

    /// <summary>The tokens of a text, with those at its ends; of a long text those of its beginning.</summary>
    /// <returns>2 to <see cref="MaxTokens"/> numbers.</returns>
    public int[] Tokenize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return _tokenizer.EncodeWhole(text, MaxTokens);
    }

    /// <summary>Representations of texts, those of about the same length together.</summary>
    /// <param name="texts">Tokens as <see cref="Tokenize"/> gives them.</param>
    /// <param name="cancellation">Stops ONNX Runtime in the middle of a batch.</param>
    /// <returns>[N * <see cref="RepresentationSize"/>] values, text after text.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public float[] Run(IReadOnlyList<int[]> texts, CancellationToken cancellation = default)
    {
        int[] lengths = [.. texts.Select(text => text.Length)];
        int size = RepresentationSize;
        var representations = new float[texts.Count * size];
        foreach (int[] rows in MaxBatchSize is { } fixedSize ? Enumerable.Range(0, texts.Count).Chunk(fixedSize) : LengthBuckets.Of(lengths))
        {
            int height = MaxBatchSize ?? rows.Length, width = _fixedLength ?? rows.Max(row => lengths[row]);
            long[] ids = new long[height * width], mask = new long[height * width];
            for (int i = 0; i < rows.Length; i++)
            {
                Array.Copy(texts[rows[i]], 0, ids, i * width, lengths[rows[i]]);
                mask.AsSpan(i * width, lengths[rows[i]]).Fill(1);
            }
            float[] y = Run(ids, mask, [height, width], cancellation);
            for (int i = 0; i < rows.Length; i++)
            {
                y.AsSpan(i * size, size).CopyTo(representations.AsSpan(rows[i] * size));
            }
        }
        return representations;
    }

    /// <summary>Representations of a padded batch.</summary>
    /// <param name="ids">Numbers of tokens; anything behind the end of a text.</param>
    /// <param name="mask">1 for a token, 0 behind the end of a text.</param>
    /// <param name="shape">Texts and places: [N, L].</param>
    /// <param name="cancellation">Stops ONNX Runtime in the middle of the batch.</param>
    /// <returns>[N * <see cref="RepresentationSize"/>] values, text after text.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="OnnxRuntimeException">The shape is not what the file takes, or a number is in no vocabulary.</exception>
    public float[] Run(long[] ids, long[] mask, long[] shape, CancellationToken cancellation = default)
    {
        using OrtValue idValues = OrtValue.CreateTensorValueFromMemory(ids, shape), maskValues = OrtValue.CreateTensorValueFromMemory(mask, shape);
        return _session.Run(InputNames, [idValues, maskValues], cancellation);
    }

    /// <inheritdoc />
    public void Dispose() => _session.Dispose();

    private SubwordTokenizer Tokenizer(string path)
    {
        var (kind, data) = _session.Note(notes =>
        {
            var tokenizer = notes.GetProperty("text").GetProperty("tokenizer");
            return (Enum.Parse<TokenizerKind>(tokenizer.GetProperty("kind").GetString()!, ignoreCase: true), tokenizer.GetProperty("data").GetString()!);
        });
        try
        {
            return SubwordTokenizer.Open(kind, data);
        }
        catch (InvalidDataException e)
        {
            throw _session.Refuse($"holds a tokenizer that does not work: {e.Message}");
        }
    }
}
