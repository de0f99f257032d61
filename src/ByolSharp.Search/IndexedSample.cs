namespace ByolSharp.Search;

/// <summary>What an index holds of a sample.</summary>
/// <param name="Name">Unique in the index, such as the path below the data folder.</param>
public sealed record IndexedSample(string Name)
{
    /// <summary>Its class, or null.</summary>
    public string? Label { get; init; }

    /// <summary>Which file it comes from and which state of that; null where nothing is known, so that it is embedded again each time.</summary>
    public string? Stamp { get; init; }

    /// <summary>Hash of its stored bytes; null where there are none.</summary>
    public UInt128? Content { get; init; }

    /// <summary>Its representation; null where it could not be read.</summary>
    public float[]? Representation { get; init; }

    /// <summary>Why it could not be read, or null.</summary>
    public string? Error { get; init; }
}

/// <summary>A sample that is similar to what was asked for.</summary>
/// <param name="Name">Its name in the index.</param>
/// <param name="Label">Its class, or null.</param>
/// <param name="Similarity">Cosine of the representations, -1 to 1.</param>
public sealed record Neighbour(string Name, string? Label, float Similarity);
