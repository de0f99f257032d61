namespace ByolSharp.Reporting;

/// <summary>
/// The samples of a run as its report shows them: all that differs between images, film and text. One implementation per domain; a tile is a
/// thumbnail, a strip of frames or a few words.
/// </summary>
internal interface IReportSamples : IDisposable
{
    /// <summary>Samples that are searched for neighbours; null where they cannot be opened.</summary>
    IEvalSource? Reference { get; }

    /// <summary>Samples that neighbours are searched for; may be <see cref="Reference"/> itself.</summary>
    IEvalSource? Queries { get; }

    /// <summary>What is to be known of the data, name and value.</summary>
    IReadOnlyList<(string Name, string Value)> Facts { get; }

    /// <summary>Samples of each class, unlabelled ones left out; empty without labels.</summary>
    IReadOnlyList<(string Class, int Count)> Classes { get; }

    /// <summary>Draws of both view distributions; empty where the training data cannot be opened.</summary>
    Html Views();

    /// <summary>Tiles of samples, in the order given.</summary>
    SampleTiles Tiles(IReadOnlyList<(IEvalSource Source, int Index)> samples);
}

/// <summary>Samples in small.</summary>
/// <param name="Style">A style sheet that the tiles need.</param>
/// <param name="Tiles">One element a sample.</param>
internal sealed record SampleTiles(Html Style, IReadOnlyList<Html> Tiles);
