namespace ByolSharp.Evaluation;

/// <summary>Raw pixels as representations: what an encoder must beat to have been worth its training.</summary>
public static class PixelBaseline
{
    /// <summary>One representation a view: its normalised values in a row. kNN brings them to unit length itself.</summary>
    /// <param name="views">Normalised views of the evaluation pipeline (no augmentation), all of one length.</param>
    /// <param name="labels">As in <see cref="FeatureSet"/>.</param>
    /// <param name="names">As in <see cref="FeatureSet"/>.</param>
    /// <param name="classNames">As in <see cref="FeatureSet"/>.</param>
    /// <exception cref="UnusableDataException">There is no view, or the lengths differ.</exception>
    public static FeatureSet FromViews(
        IReadOnlyList<float[]> views, int[]? labels = null, IReadOnlyList<string>? names = null, IReadOnlyList<string>? classNames = null)
    {
        int size = views.Count > 0
            ? views[0].Length
            : throw new UnusableDataException("the pixel baseline got no view: the data set is empty");
        if (views.FirstOrDefault(v => v.Length != size) is { } odd)
        {
            throw new UnusableDataException($"the pixel baseline got views of {size} and of {odd.Length} values: resize all to one size");
        }
        var values = new float[(long)views.Count * size];
        for (int i = 0; i < views.Count; i++)
        {
            views[i].CopyTo(values, (long)i * size);
        }
        return new(values, size, labels, names, classNames);
    }
}
