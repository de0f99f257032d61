using TorchSharp;

namespace ByolSharp;

/// <summary>
/// Numbers that live as long as the program. TorchSharp's <c>add</c> of one argument and its <c>+</c> make a scalar for their factor of 1 that the garbage
/// collector may free while native code reads it; giving this one avoids that. BannedSymbols.txt makes the others errors.
/// </summary>
internal static class Scalars
{
    internal static readonly Scalar One = 1;
}
