using ByolSharp.Sources;

namespace ByolSharp.Text;

/// <summary>A text, and where the data has one another text that says the same.</summary>
/// <param name="Text">The text.</param>
/// <param name="Pair">The other one, or null.</param>
public sealed record TextSample(string Text, string? Pair = null);

/// <summary>Texts by index. All members may be called from several threads at once.</summary>
public abstract class TextDataset : Dataset
{
    /// <summary>What was found when the data were opened that a user should know, a line each.</summary>
    public virtual IReadOnlyList<string> Remarks => [];

    /// <summary>Reads a text.</summary>
    /// <exception cref="UnreadableSampleException">It is empty, or its bytes are no characters.</exception>
    public abstract TextSample Read(int index);
}
