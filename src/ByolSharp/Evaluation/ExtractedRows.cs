namespace ByolSharp.Evaluation;

/// <summary>Representations of some samples of a source.</summary>
/// <param name="Values">Row after row, one for every readable sample.</param>
/// <param name="Size">Numbers a row.</param>
/// <param name="Samples">The readable samples, as the source numbers them.</param>
/// <param name="Skipped">Name and reason of the others.</param>
internal sealed record ExtractedRows(float[] Values, int Size, IReadOnlyList<int> Samples, IReadOnlyList<(string Name, string Reason)> Skipped)
{
    /// <summary>With the labels and names of their source.</summary>
    internal Extraction Of(IEvalSource source) =>
        new(new FeatureSet(Values, Size, [.. Samples.Select(source.LabelOf)], [.. Samples.Select(source.NameOf)], source.ClassNames), Skipped);
}
