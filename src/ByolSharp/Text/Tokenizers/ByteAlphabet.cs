using System.Text;

namespace ByolSharp.Text.Tokenizers;

/// <summary>
/// The printable characters that stand for bytes in byte-level vocabularies, as GPT-2 chose them: printable Latin-1 for itself, the others from U+0100 on.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] OfByte = Build();

    /// <summary>All 256 of them, by byte.</summary>
    internal static ReadOnlySpan<char> Characters => OfByte;

    /// <summary>The bytes of a text in UTF-8, each as its character.</summary>
    internal static string Spell(ReadOnlySpan<char> text)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        int count = Encoding.UTF8.GetBytes(text, bytes);
        return string.Create(count, bytes, static (characters, source) =>
        {
            for (int i = 0; i < characters.Length; i++)
            {
                characters[i] = OfByte[source[i]];
            }
        });
    }

    private static char[] Build()
    {
        var characters = new char[256];
        int others = 256;
        for (int value = 0; value < 256; value++)
        {
            bool isPrintable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE;
            characters[value] = isPrintable ? (char)value : (char)others++;
        }
        return characters;
    }
}
