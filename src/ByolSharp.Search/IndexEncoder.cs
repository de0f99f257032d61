namespace ByolSharp.Search;

/// <summary>The encoder whose representations an index holds; those of two encoders cannot be compared.</summary>
/// <param name="Fingerprint">Tells encoders apart, such as a hash of weights and preparation.</param>
/// <param name="RepresentationSize">Length of a representation, at least 1.</param>
/// <param name="Source">Where it was, for people and for finding it again: a run directory or file; null where it has no place.</param>
public sealed record IndexEncoder(string Fingerprint, int RepresentationSize, string? Source = null);
