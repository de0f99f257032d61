using System.Globalization;
using ByolSharp.Images.Backbones;
using ByolSharp.Text;
using static TorchSharp.torch;

namespace ByolSharp.Export.Onnx;

/// <summary>
/// Writes encoders as ONNX files. Nothing is traced: every module says how it becomes nodes (<see cref="IOnnxModule"/>). The notes of a
/// safetensors file travel in the model's metadata.
/// </summary>
public static class OnnxFile
{
    /// <summary>Name of the output: [N, representation size], single precision.</summary>
    public const string Output = "representation";

    private const string InputKey = "byolsharp.input";
    private const string FingerprintKey = "byolsharp.fingerprint";
    private const string MaxTokensKey = "byolsharp.maxTokens";
    private const string TokenIds = "input_ids", TokenMask = "attention_mask"; // as in Hugging Face's exports

    /// <summary>Writes an encoder as it behaves in evaluation mode.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="backbone">The encoder.</param>
    /// <param name="options">What it was built from; null for a network of the caller's own.</param>
    /// <param name="metadata">How its samples are prepared: images in the graph where its input is images; texts bring their tokenizer.</param>
    /// <param name="channels">Channels of the images or frames.</param>
    /// <param name="export">Input, precision and operators.</param>
    /// <exception cref="ConfigurationException">An option is out of range or a layer has no ONNX form.</exception>
    /// <exception cref="StorageException">The file cannot be written, or would have more than 2 GiB.</exception>
    public static void Save(
        string path, Backbone backbone, BackboneOptions? options, EncoderMetadata metadata, int channels, OnnxExportOptions export)
    {
        export.Validate();
        var model = Model(backbone, options, metadata, channels, export);
        if (model.Length > int.MaxValue)
        {
            throw new StorageException($"a {backbone.GetName()} takes {model.Length:N0} bytes, and an ONNX file holds no more than 2 GiB: export with half precision.");
        }
        string partial = path + ".partial";
        try
        {
            using (var stream = File.Create(partial))
            {
                model.WriteTo(stream);
            }
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"cannot write '{path}': {e.Message}", e);
        }
    }

    private static OnnxMessage Model(Backbone backbone, BackboneOptions? options, EncoderMetadata metadata, int channels, OnnxExportOptions export)
    {
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        var graph = new OnnxGraph(export.Opset, export.Precision);
        var (inputs, y) = metadata.Text is { } text ? Tokens(graph, backbone, text, export) : Views(graph, backbone, metadata, channels, export);
        graph.Content
            .Add(1, new OnnxMessage().Add(1, graph.Cast(y, ScalarType.Float32)).Add(2, Output).Add(4, "Identity"))
            .Add(2, backbone.GetName());
        inputs.Aggregate(graph.Content, (content, input) => content.Add(11, input))
            .Add(12, Value(Output, OnnxTypes.NumberOf(ScalarType.Float32), [Dimension(export.BatchSize, "batch"), Dimension(backbone.RepresentationSize)]));

        var model = new OnnxMessage()
            .Add(1, FormatFor(export.Opset))
            .Add(2, nameof(ByolSharp))
            .Add(3, typeof(OnnxFile).Assembly.GetName().Version!.ToString(3))
            .Add(7, graph.Content)
            .Add(8, new OnnxMessage().Add(1, "").Add(2, export.Opset));
        var notes = EncoderFile.NotesOf(options, metadata);
        notes.Remove("format"); // says that a safetensors file is PyTorch's
        notes[InputKey] = metadata.Text is null ? export.Input.ToString() : nameof(Tokens);
        if (metadata.Text is { Options.MaxTokens: var maxTokens })
        {
            notes[MaxTokensKey] = maxTokens.ToString(CultureInfo.InvariantCulture);
        }
        notes[FingerprintKey] = EncoderFingerprint.Of(backbone, metadata);
        return notes.Aggregate(model, (m, note) => m.Add(14, new OnnxMessage().Add(1, note.Key).Add(2, note.Value)));
    }

    /// <summary>Images or clips, normalised already or in the graph.</summary>
    private static (OnnxMessage[] Inputs, string Output) Views(
        OnnxGraph graph, Backbone backbone, EncoderMetadata metadata, int channels, OnnxExportOptions export)
    {
        if (metadata.Video is not null)
        {
            RequireViews(export, "videos takes clips");
        }
        string input = export.Input == OnnxInput.Views ? "views" : "images";
        string views = export.Input == OnnxInput.Views ? input : OnnxPreprocessing.Emit(graph, input, export.Input, metadata);
        string y = graph.Emit("", backbone, graph.Cast(views, graph.Precision));
        return ([Value(input, InputType(export.Input), InputShape(backbone, metadata, channels, export))], y);
    }

    /// <summary>Texts as numbers of tokens, with the places behind their ends named.</summary>
    private static (OnnxMessage[] Inputs, string Output) Tokens(OnnxGraph graph, Backbone backbone, TextMetadata text, OnnxExportOptions export)
    {
        RequireViews(export, "texts takes tokens");
        if (backbone is not IOnnxTokenModule module)
        {
            throw new ConfigurationException($"{backbone.GetName()} has no ONNX form: only the text backbones of the library do.");
        }
        string mask = graph.Node("Cast", [TokenMask], ("to", OnnxTypes.NumberOf(graph.Precision)));
        string y = module.EmitOnnx(graph, TokenIds, mask);
        OnnxMessage[] shape = [Dimension(export.BatchSize, "batch"), Dimension(export.AnySize ? null : text.Options.MaxTokens, "tokens")];
        long integers = OnnxTypes.NumberOf(ScalarType.Int64);
        return ([Value(TokenIds, integers, shape), Value(TokenMask, integers, shape)], y);
    }

    private static void RequireViews(OnnxExportOptions export, string others)
    {
        if (export.Input != OnnxInput.Views)
        {
            throw new ConfigurationException($"an encoder of {others}: leave out the input, which says how images are given.");
        }
    }

    /// <summary>The version of the file format that came with an operator version.</summary>
    private static long FormatFor(int opset) => opset switch
    {
        <= 18 => 8,
        <= 20 => 9,
        _ => 10,
    };

    private static long InputType(OnnxInput input) =>
        input is OnnxInput.Uint8Nhwc or OnnxInput.Uint8Nchw ? OnnxTypes.Byte : OnnxTypes.NumberOf(ScalarType.Float32);

    private static OnnxMessage[] InputShape(Backbone backbone, EncoderMetadata metadata, int channels, OnnxExportOptions export)
    {
        bool isAnySize = export.Input != OnnxInput.Views || export.AnySize && !BackboneFactory.HasFixedSize(backbone.GetName());
        int? size = isAnySize ? null : metadata.ImageSize, frames = isAnySize ? null : metadata.Video?.Frames;
        OnnxMessage batch = Dimension(export.BatchSize, "batch"), planes = Dimension(channels);
        OnnxMessage height = Dimension(size, "height"), width = Dimension(size, "width");
        if (metadata.Video is not null)
        {
            return [batch, planes, Dimension(frames, "frames"), height, width];
        }
        return export.Input is OnnxInput.Uint8Nhwc or OnnxInput.FloatNhwc ? [batch, height, width, planes] : [batch, planes, height, width];
    }

    /// <summary>A known extent, or the name of one that the input decides.</summary>
    private static OnnxMessage Dimension(int? extent, string name = "") =>
        extent is { } known ? new OnnxMessage().Add(1, (long)known) : new OnnxMessage().Add(2, name);

    private static OnnxMessage Value(string name, long type, OnnxMessage[] shape) => new OnnxMessage()
        .Add(1, name)
        .Add(2, new OnnxMessage().Add(1, new OnnxMessage()
            .Add(1, type)
            .Add(2, shape.Aggregate(new OnnxMessage(), (dimensions, extent) => dimensions.Add(1, extent)))));
}
