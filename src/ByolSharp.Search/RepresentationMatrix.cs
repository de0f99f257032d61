using System.Numerics.Tensors;
using ByolSharp.Evaluation;

namespace ByolSharp.Search;

/// <summary>
/// Representations side by side in memory, compared one with all: exact, and as fast as memory is read. Immutable; safe to search from several
/// threads.
/// </summary>
public sealed class RepresentationMatrix
{
    private const int RowsAtOnce = 4096;
    private readonly float[] _values;
    private readonly float[] _lengths;
    private readonly Lazy<Dictionary<string, int>> _places;

    /// <summary>Takes over representations.</summary>
    /// <param name="values">[names * size] numbers, row after row; kept, not copied.</param>
    /// <param name="size">Length of a representation, at least 1.</param>
    /// <param name="names">A unique name a row.</param>
    /// <param name="labels">A class or null a row; null: none has one.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public RepresentationMatrix(float[] values, int size, IReadOnlyList<string> names, IReadOnlyList<string?>? labels = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        ArgumentOutOfRangeException.ThrowIfNotEqual((long)values.Length, (long)names.Count * size, nameof(values));
        (_values, Size, Names, Labels) = (values, size, names, labels ?? new string?[names.Count]);
        ArgumentOutOfRangeException.ThrowIfNotEqual(Labels.Count, names.Count, nameof(labels));
        _lengths = new float[names.Count];
        for (int i = 0; i < _lengths.Length; i++)
        {
            _lengths[i] = TensorPrimitives.Norm(this[i]);
        }
        _places = new(() => Enumerable.Range(0, Count).ToDictionary(i => Names[i], StringComparer.Ordinal));
    }

    /// <summary>Number of samples.</summary>
    public int Count => Names.Count;

    /// <summary>Length of a representation.</summary>
    public int Size { get; }

    /// <summary>Names of the samples.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Classes of the samples, null where there is none.</summary>
    public IReadOnlyList<string?> Labels { get; }

    /// <summary>All numbers, row after row.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>The representation of a sample, of any length.</summary>
    public ReadOnlySpan<float> this[int index] => _values.AsSpan(index * Size, Size);

    /// <summary>Where a name stands, or -1.</summary>
    public int IndexOf(string name) => _places.Value.GetValueOrDefault(name, -1);

    /// <summary>The samples most similar to a representation.</summary>
    /// <param name="representation">By the same encoder.</param>
    /// <param name="count">How many, at least 1; all where there are fewer.</param>
    /// <param name="except">A sample that is left out, such as the one that is asked for; -1: none.</param>
    /// <param name="cancellation">Stops between parts.</param>
    /// <returns>The most similar first, of equals the one that stands earlier.</returns>
    /// <exception cref="ArgumentException">It has another length.</exception>
    public IReadOnlyList<Neighbour> Nearest(ReadOnlyMemory<float> representation, int count, int except = -1, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNotEqual(representation.Length, Size, nameof(representation));
        var parts = new Nearest[(Count + RowsAtOnce - 1) / RowsAtOnce];
        var parallel = new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, parts.Length, parallel, part =>
        {
            var nearest = parts[part] = new(Math.Min(count, RowsAtOnce));
            for (int i = part * RowsAtOnce; i < Math.Min(Count, (part + 1) * RowsAtOnce); i++)
            {
                float similarity = Similarity(representation.Span, i);
                if (similarity > nearest.Threshold && i != except)
                {
                    nearest.Offer(similarity, i);
                }
            }
        });
        float length = TensorPrimitives.Norm(representation.Span);
        return
        [
            .. parts.SelectMany(part => part.Items).OrderByDescending(item => item.Similarity).ThenBy(item => item.Index).Take(count)
                .Select(item => new Neighbour(Names[item.Index], Labels[item.Index], Cosine(item.Similarity, length))),
        ];
    }

    /// <summary>Cosines of one sample with all, for those who compare many.</summary>
    /// <param name="index">The sample.</param>
    /// <param name="cosines">[<see cref="Count"/>] Where to.</param>
    internal void Compare(int index, float[] cosines)
    {
        Parallel.For(0, (Count + RowsAtOnce - 1) / RowsAtOnce, part =>
        {
            for (int i = part * RowsAtOnce; i < Math.Min(Count, (part + 1) * RowsAtOnce); i++)
            {
                cosines[i] = Cosine(Similarity(this[index], i), _lengths[index]);
            }
        });
    }

    /// <summary>Cosine times the length of the representation that is asked for; a row of zeros is similar to nothing.</summary>
    private float Similarity(ReadOnlySpan<float> representation, int index) =>
        _lengths[index] > 0 ? TensorPrimitives.Dot(representation, this[index]) / _lengths[index] : 0;

    private static float Cosine(float similarity, float length) => length > 0 ? Math.Clamp(similarity / length, -1, 1) : 0;
}
