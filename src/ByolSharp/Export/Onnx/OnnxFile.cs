using ByolSharp.Images.Backbones;
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

    /// <summary>Writes an encoder as it behaves in evaluation mode.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="backbone">The encoder.</param>
    /// <param name="options">What it was built from; null for a network of the caller's own.</param>
    /// <param name="metadata">How its images are prepared; written into the graph where its input is images.</param>
    /// <param name="channels">Channels of the images.</param>
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
        var graph = new OnnxGraph(export.Opset, export.IsHalf ? ScalarType.Float16 : ScalarType.Float32);
        string input = export.Input == OnnxInput.Views ? "views" : "images";
        string views = export.Input == OnnxInput.Views ? input : OnnxPreprocessing.Emit(graph, input, export.Input, metadata);
        string y = graph.Emit("", backbone, graph.Cast(views, graph.Precision));
        graph.Content
            .Add(1, new OnnxMessage().Add(1, graph.Cast(y, ScalarType.Float32)).Add(2, Output).Add(4, "Identity"))
            .Add(2, backbone.GetName())
            .Add(11, Value(input, InputType(export.Input), InputShape(backbone, metadata, channels, export)))
            .Add(12, Value(Output, OnnxTypes.NumberOf(ScalarType.Float32), [Dimension(export.BatchSize, "batch"), Dimension(backbone.RepresentationSize)]));

        var model = new OnnxMessage()
            .Add(1, FormatFor(export.Opset))
            .Add(2, nameof(ByolSharp))
            .Add(3, typeof(OnnxFile).Assembly.GetName().Version!.ToString(3))
            .Add(7, graph.Content)
            .Add(8, new OnnxMessage().Add(1, "").Add(2, export.Opset));
        var notes = EncoderFile.NotesOf(options, metadata);
        notes.Remove("format"); // says that a safetensors file is PyTorch's
        notes[InputKey] = export.Input.ToString();
        notes[FingerprintKey] = EncoderFingerprint.Of(backbone, metadata);
        return notes.Aggregate(model, (m, note) => m.Add(14, new OnnxMessage().Add(1, note.Key).Add(2, note.Value)));
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
        int? size = isAnySize ? null : metadata.ImageSize;
        OnnxMessage batch = Dimension(export.BatchSize, "batch"), planes = Dimension(channels);
        OnnxMessage height = Dimension(size, "height"), width = Dimension(size, "width");
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
