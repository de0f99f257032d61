using System.Globalization;

namespace ByolSharp.Sources;

/// <summary>Labels as numbers, made from the class names that a source finds beside its samples.</summary>
internal sealed class ClassLabels
{
    private const int MostNumberedClasses = 65_536;
    private readonly int[] _labels;

    private ClassLabels(int[] labels, IReadOnlyList<string> names) => (_labels, Names) = (labels, names);

    /// <summary>Class names in the order of the labels.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The label of a sample.</summary>
    public int Of(int index) => _labels.Length == 0 ? Dataset.NoLabel : _labels[index];

    /// <summary>Numbers the classes in ordinal order of their names.</summary>
    /// <param name="classes">The class of each sample; null where it has none.</param>
    /// <param name="given">Names of the classes in the order of their labels; null: those that are there.</param>
    public static ClassLabels FromNames(IReadOnlyList<string?> classes, IReadOnlyList<string>? given) =>
        Number(classes, given ?? Distinct(classes));

    /// <summary>As <see cref="FromNames"/>, but where all classes are whole numbers from 0, these are the labels.</summary>
    public static ClassLabels FromNamesOrNumbers(IReadOnlyList<string?> classes, IReadOnlyList<string>? given)
    {
        string[] distinct = Distinct(classes);
        int[] numbers = [.. distinct.Select(AsNumber)];
        bool areNumbers = numbers.Length > 0 && Array.TrueForAll(numbers, n => n is >= 0 and < MostNumberedClasses);
        return Number(classes, given ?? (areNumbers ? NumberNames(numbers.Max() + 1) : distinct));
    }

    /// <summary>Labels that are numbers already.</summary>
    public static ClassLabels FromNumbers(byte[] labels, IReadOnlyList<string>? names, IReadOnlyList<string>? given)
    {
        names ??= NumberNames(labels.Length == 0 ? 0 : labels.Max() + 1);
        return given is null
            ? new ClassLabels(Array.ConvertAll(labels, l => (int)l), names)
            : Number(Array.ConvertAll(labels, l => names[l]), given);
    }

    private static ClassLabels Number(IReadOnlyList<string?> classes, IReadOnlyList<string> names)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < names.Count; i++)
        {
            if (!numbers.TryAdd(names[i], i))
            {
                throw new UnusableDataException($"the class names list '{names[i]}' twice");
            }
        }

        var labels = new int[classes.Count];
        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = classes[i] is not { } name ? Dataset.NoLabel
                : numbers.TryGetValue(name, out int number) ? number
                : throw new UnusableDataException($"class '{name}' is not among the classes expected: {Abridged(names)}");
        }

        return new ClassLabels(labels, names);
    }

    private static string[] Distinct(IReadOnlyList<string?> classes) =>
        [.. classes.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static string[] NumberNames(int count) =>
        [.. Enumerable.Range(0, count).Select(i => i.ToString(CultureInfo.InvariantCulture))];

    private static int AsNumber(string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number.ToString(CultureInfo.InvariantCulture) == name ? number : -1;

    private static string Abridged(IReadOnlyList<string> names) =>
        names.Count <= 10 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(10))}, ...";
}
