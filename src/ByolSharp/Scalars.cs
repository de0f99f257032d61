using TorchSharp;

namespace ByolSharp;

/// <summary>
/// Numbers that live as long as the program. TorchSharp frees a number that nobody holds while native code reads it, and some of its methods make one:
/// <c>add</c> of one argument and <c>+</c> for their factor of 1, <c>square</c> for its exponent. Giving these avoids that; BannedSymbols.txt makes
/// such methods errors, and a test looks for what slips through.
/// </summary>
internal static class Scalars
{
    internal static readonly Scalar One = 1, Two = 2;
}
