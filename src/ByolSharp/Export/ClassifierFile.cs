using System.Text.Json;
using ByolSharp.Evaluation;
using ByolSharp.Images.Backbones;
using static TorchSharp.torch;

namespace ByolSharp.Export;

/// <summary>
/// An encoder with a linear layer as one safetensors file: torchvision's or timm's keys and <c>fc.weight</c>, <c>fc.bias</c>, so that Python
/// loads a ResNet with its classes as it is; class names stand in the header. <see cref="EncoderFile.Load(string)"/> reads its encoder.
/// </summary>
public static class ClassifierFile
{
    internal const string ClassesKey = "byolsharp.classes";
    private const string WeightKey = "fc.weight", BiasKey = "fc.bias";

    /// <summary>Writes a classifier.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="encoder">The encoder.</param>
    /// <param name="options">What it was built from; null for a network of the caller's own.</param>
    /// <param name="metadata">How its images are prepared.</param>
    /// <param name="classifier">Linear layer on its representations.</param>
    /// <exception cref="StorageException">The file cannot be written.</exception>
    public static void Save(string path, Backbone encoder, BackboneOptions? options, EncoderMetadata metadata, LinearClassifier classifier)
    {
        using var scope = NewDisposeScope();
        var notes = EncoderFile.NotesOf(options, metadata);
        notes[ClassesKey] = JsonSerializer.Serialize(classifier.ClassNames);
        int classes = classifier.Bias.Length;
        SafeTensors.Write(
            path,
            [
                .. encoder.state_dict().Select(entry => (entry.Key, entry.Value)),
                (WeightKey, tensor(classifier.Weights.ToArray()).view(classes, classifier.Weights.Length / classes)),
                (BiasKey, tensor(classifier.Bias.ToArray())),
            ],
            notes);
    }

    /// <summary>Rebuilds what <see cref="Save"/> wrote; the encoder is in evaluation mode.</summary>
    /// <exception cref="StorageException">The file is unreadable, holds no classifier, or its tensors do not fit.</exception>
    public static (Backbone Encoder, BackboneOptions Options, EncoderMetadata Metadata, LinearClassifier Classifier) Load(string path)
    {
        using SafeTensorsFile file = SafeTensors.Read(path);
        string[] classNames = EncoderFile.Note<string[]>(file, ClassesKey);
        var (encoder, options, metadata) = EncoderFile.Load(file);
        if (!Fits(WeightKey, [classNames.Length, encoder.RepresentationSize]) || !Fits(BiasKey, [classNames.Length]))
        {
            encoder.Dispose();
            throw new StorageException(
                $"'{path}' lacks {WeightKey} [{classNames.Length}, {encoder.RepresentationSize}] or {BiasKey} [{classNames.Length}] of single precision");
        }
        return (encoder, options, metadata, new(ValuesOf(WeightKey), ValuesOf(BiasKey), classNames));

        bool Fits(string key, long[] shape) =>
            file.Tensors.TryGetValue(key, out Tensor? value) && value.dtype == ScalarType.Float32 && value.shape.SequenceEqual(shape);

        float[] ValuesOf(string key) => [.. file.Tensors[key].data<float>()];
    }
}
