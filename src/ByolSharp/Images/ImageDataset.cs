using ByolSharp.Sources;

namespace ByolSharp.Images;

/// <summary>Images by index, with names and, where known, labels. All members may be called from several threads at once.</summary>
public abstract class ImageDataset : Dataset
{
    /// <summary>Whether decoded pixels are at hand, so that a cache would only hold them twice.</summary>
    public virtual bool IsInMemory => false;

    /// <summary>Decodes one sample.</summary>
    /// <exception cref="UnreadableSampleException">The sample is empty, truncated, corrupt or no image.</exception>
    public abstract Image Read(int index);
}
