using static TorchSharp.torch;

namespace ByolSharp.Evaluation;

/// <summary>
/// Representations of a data set, computed once by a frozen encoder: row i of [<see cref="Count"/>, <see cref="Size"/>] belongs to sample i.
/// Immutable by convention.
/// </summary>
public sealed class FeatureSet
{
    /// <summary>The label of a sample that has none.</summary>
    public const int NoLabel = -1;

    private readonly float[] _values;

    /// <summary>A set over an array that is kept, not copied.</summary>
    /// <param name="values">Row-major, count x size values, all finite.</param>
    /// <param name="size">Length of a representation, at least 1.</param>
    /// <param name="labels">One label a sample, from 0, or <see cref="NoLabel"/>; absent: no labels.</param>
    /// <param name="names">One name a sample; absent: "0", "1", and so on.</param>
    /// <param name="classNames">Class names in the order of the labels; absent: the labels' numbers.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    /// <exception cref="UnusableDataException">A value is not finite.</exception>
    public FeatureSet(
        float[] values, int size, int[]? labels = null, IReadOnlyList<string>? names = null, IReadOnlyList<string>? classNames = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length % size, 0, nameof(values));
        (_values, Size, Count) = (values, size, values.Length / size);
        Labels = labels ?? [.. Enumerable.Repeat(NoLabel, Count)];
        Names = names ?? [.. Enumerable.Range(0, Count).Select(i => $"{i}")];
        ArgumentOutOfRangeException.ThrowIfNotEqual(Labels.Count, Count, nameof(labels));
        ArgumentOutOfRangeException.ThrowIfNotEqual(Names.Count, Count, nameof(names));
        int highest = Labels.Count == 0 ? NoLabel : Labels.Max();
        ClassNames = classNames ?? [.. Enumerable.Range(0, highest + 1).Select(c => $"{c}")];
        ArgumentOutOfRangeException.ThrowIfLessThan(ClassNames.Count, highest + 1, nameof(classNames));
        RequireFinite();
    }

    /// <summary>Number of samples.</summary>
    public int Count { get; }

    /// <summary>Length of a representation.</summary>
    public int Size { get; }

    /// <summary>The samples' labels; <see cref="NoLabel"/> where there is none.</summary>
    public IReadOnlyList<int> Labels { get; }

    /// <summary>The samples' names, such as paths below the data folder.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Class names in the order of the labels.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>All values, row after row.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>The representation of one sample.</summary>
    public ReadOnlySpan<float> this[int index] => _values.AsSpan(index * Size, Size);

    /// <summary>A set from a tensor, which is copied.</summary>
    /// <param name="representations">[count, size], any floating type and device.</param>
    /// <param name="labels">As in the constructor.</param>
    /// <param name="names">As in the constructor.</param>
    /// <param name="classNames">As in the constructor.</param>
    public static FeatureSet FromTensor(
        Tensor representations, int[]? labels = null, IReadOnlyList<string>? names = null, IReadOnlyList<string>? classNames = null)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(representations.dim(), 2, nameof(representations));
        using var scope = NewDisposeScope();
        var values = representations.detach().to(ScalarType.Float32, CPU).contiguous().data<float>().ToArray();
        return new(values, (int)representations.shape[1], labels, names, classNames);
    }

    /// <summary>A tensor [count, size] over the same memory: read it only. Belongs to the caller (or the caller's dispose scope).</summary>
    public Tensor AsTensor() => frombuffer(_values, ScalarType.Float32).view(Count, Size);

    /// <summary>Every representation scaled to unit length; a zero stays zero.</summary>
    public FeatureSet L2Normalized()
    {
        var unit = new float[_values.Length];
        for (int i = 0; i < Count; i++)
        {
            double squares = 0;
            foreach (float x in this[i])
            {
                squares += (double)x * x;
            }
            double scale = 1 / Math.Max(Math.Sqrt(squares), 1e-12);
            for (int j = i * Size; j < (i + 1) * Size; j++)
            {
                unit[j] = (float)(_values[j] * scale);
            }
        }
        return new(unit, Size, [.. Labels], Names, ClassNames);
    }

    /// <summary>The samples that have a label, in order; this set itself where all have one.</summary>
    public FeatureSet Labelled() =>
        Labels.Contains(NoLabel) ? Select([.. Enumerable.Range(0, Count).Where(i => Labels[i] != NoLabel)]) : this;

    /// <summary>The samples at these indices, in the order given.</summary>
    public FeatureSet Select(IReadOnlyList<int> indices)
    {
        var values = new float[(long)indices.Count * Size];
        for (int i = 0; i < indices.Count; i++)
        {
            this[indices[i]].CopyTo(values.AsSpan(i * Size, Size));
        }
        return new(values, Size, [.. indices.Select(i => Labels[i])], [.. indices.Select(i => Names[i])], ClassNames);
    }

    /// <summary>
    /// A random part of each class, the few-label setting. One seed nests: a larger subset holds every smaller one.
    /// </summary>
    /// <param name="count">Samples of each class, at least 1; a class that has fewer gives all.</param>
    /// <param name="seed">Seed of the draw.</param>
    public FeatureSet SubsetPerClass(int count, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return Select(ClassDraw.Take(Labels, _ => count, seed).Drawn);
    }

    /// <summary>The same share of each class, at least one sample of each.</summary>
    /// <inheritdoc cref="LabelSplit.ByShare" path="/param[@name='share']|/param[@name='seed']"/>
    public FeatureSet SubsetByShare(double share, long seed) => Select(LabelSplit.ByShare(Labels, share, seed));

    private void RequireFinite()
    {
        for (int i = 0; i < _values.Length; i++)
        {
            if (!float.IsFinite(_values[i]))
            {
                throw new UnusableDataException(
                    $"the representation of '{Names[i / Size]}' is {_values[i]}: the encoder has diverged; use an earlier checkpoint");
            }
        }
    }
}
