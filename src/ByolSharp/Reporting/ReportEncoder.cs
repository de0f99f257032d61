using ByolSharp.Export;
using ByolSharp.Images.Backbones;

namespace ByolSharp.Reporting;

/// <summary>The encoder of a run.</summary>
/// <param name="Backbone">In evaluation mode, on the CPU.</param>
/// <param name="Options">What it was built from.</param>
/// <param name="Metadata">How its samples are prepared.</param>
internal sealed record ReportEncoder(Backbone Backbone, BackboneOptions Options, EncoderMetadata Metadata) : IDisposable
{
    /// <summary>Loads it; null, with a note of the reason, where that does not work.</summary>
    internal static ReportEncoder? TryLoad(RunRecord run, MissingParts missing)
    {
        const string what = "Views, neighbours, map and classes";
        string file = run.File("encoder.safetensors");
        if (run.Configuration.Options is not { } options)
        {
            return null;
        }
        if (!File.Exists(file))
        {
            missing.Add(what, "the run has saved no encoder.safetensors");
            return null;
        }
        try
        {
            TorchRuntime.Initialize(options.Trainer.Threads);
            var (backbone, built, metadata) = EncoderFile.Load(file);
            return new(backbone, built, metadata);
        }
        catch (StorageException error)
        {
            missing.Add(what, error.Message);
            return null;
        }
    }

    /// <inheritdoc />
    public void Dispose() => Backbone.Dispose();
}
