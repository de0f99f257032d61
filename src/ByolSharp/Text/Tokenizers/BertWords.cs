using System.Globalization;
using System.Text;

namespace ByolSharp.Text.Tokenizers;

/// <summary>
/// The words of a text as BERT sees them (Devlin et al. 2019): what stands between spaces, punctuation marks and Chinese characters each a word of its own,
/// without control characters; where capitals do not count in small letters and without accents.
/// </summary>
internal static class BertWords
{
    private static readonly (int First, int Last)[] Ideographs =
    [
        (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
    ];

    /// <summary>The words in order.</summary>
    internal static IEnumerable<string> Of(string text, bool isCased)
    {
        var word = new StringBuilder();
        foreach (var rune in (isCased ? text : Accents.Without(text).ToLowerInvariant()).EnumerateRunes())
        {
            bool isAlone = IsAlone(rune);
            if ((isAlone || Rune.IsWhiteSpace(rune)) && word.Length > 0)
            {
                yield return word.ToString();
                word.Clear();
            }
            if (isAlone)
            {
                yield return rune.ToString();
            }
            else if (!Rune.IsWhiteSpace(rune) && !IsControl(rune))
            {
                word.Append(rune.ToString());
            }
        }
        if (word.Length > 0)
        {
            yield return word.ToString();
        }
    }

    /// <summary>Whether a character is a word of its own wherever it stands.</summary>
    internal static bool IsAlone(Rune rune) => IsPunctuation(rune) || Ideographs.Any(range => rune.Value >= range.First && rune.Value <= range.Last);

    /// <summary>Unicode's punctuation, and all of ASCII that is neither letter nor digit.</summary>
    private static bool IsPunctuation(Rune rune) => rune.IsAscii ? rune.Value > ' ' && rune.Value < 0x7F && !Rune.IsLetterOrDigit(rune) : Rune.IsPunctuation(rune);

    private static bool IsControl(Rune rune) => rune == Rune.ReplacementChar || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}
