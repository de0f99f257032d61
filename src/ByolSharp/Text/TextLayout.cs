namespace ByolSharp.Text;

/// <summary>
/// How a text lies in the numbers of a view: first the key of what is dropped inside the encoder, then its tokens, each as its number plus one, and zeros to
/// the end. A token below zero is hidden from the online network. The key is 0 where nothing is dropped, and below 0 where the target network drops nothing.
/// </summary>
/// <remarks>A float holds whole numbers exactly up to 2^24, more than any vocabulary has.</remarks>
internal static class TextLayout
{
    /// <summary>Numbers before the first token.</summary>
    internal const int Header = 1;

    private const int Keys = 1 << 24;

    /// <summary>Numbers of a view.</summary>
    internal static int LengthFor(int maxTokens) => Header + maxTokens;

    /// <summary>Writes a view of a whole text, from which nothing is dropped or hidden.</summary>
    /// <param name="view">Room for <see cref="LengthFor"/> numbers.</param>
    /// <param name="tokens">All tokens, with those at the ends.</param>
    internal static void Write(Span<float> view, ReadOnlySpan<int> tokens)
    {
        view.Clear();
        for (int i = 0; i < tokens.Length; i++)
        {
            view[Header + i] = tokens[i] + 1;
        }
    }

    /// <summary>A key for what is dropped.</summary>
    internal static float DrawKey(ref SampleRandom random, bool targetDrops) => (targetDrops ? 1 : -1) * (1f + random.NextInt(Keys - 1));

    /// <summary>The tokens of a view; a hidden one as -1.</summary>
    internal static IEnumerable<int> TokensOf(float[] view) => view.Skip(Header).TakeWhile(value => value != 0).Select(value => value < 0 ? -1 : (int)value - 1);
}
