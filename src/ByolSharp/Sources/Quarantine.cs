using System.Collections.Concurrent;
using System.Text;

namespace ByolSharp.Sources;

/// <summary>
/// The samples that cannot be read, each with the reason. Safe to use from several threads; the order of finds leaves no trace.
/// </summary>
public sealed class Quarantine
{
    private readonly ConcurrentDictionary<string, string> _reasons = new(StringComparer.Ordinal);

    /// <summary>Number of samples.</summary>
    public int Count => _reasons.Count;

    /// <summary>Names and reasons in ordinal order of the names.</summary>
    public IReadOnlyList<(string Name, string Reason)> Entries =>
        [.. _reasons.Select(pair => (pair.Key, pair.Value)).OrderBy(entry => entry.Key, StringComparer.Ordinal)];

    /// <summary>Adds a sample; one that is there already keeps its first reason.</summary>
    public void Add(string name, string reason) => _reasons.TryAdd(OneLine(name), OneLine(reason));

    /// <summary>Writes a line <c>name TAB reason</c> a sample.</summary>
    /// <exception cref="StorageException">The file cannot be written.</exception>
    public void Write(string path)
    {
        try
        {
            File.WriteAllLines(path, Entries.Select(entry => $"{entry.Name}\t{entry.Reason}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"'{path}' cannot be written: {e.Message}", e);
        }
    }

    /// <summary>The samples of a data set that a written list does not name; what stands behind a tab is passed over.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="path">The list.</param>
    /// <exception cref="ConfigurationException">There is no such file.</exception>
    /// <exception cref="UnusableDataException">No name of the list is in the data set, or none is left.</exception>
    public static IReadOnlyList<int> Without(Dataset data, string path)
    {
        if (!File.Exists(path))
        {
            throw new ConfigurationException($"there is no file {path}; data.quarantine names a list such as byol doctor DATA --quarantine FILE writes.");
        }
        HashSet<string> named = [.. File.ReadLines(path).Where(line => line.Length > 0).Select(line => line.Split('\t')[0])];
        int[] left = [.. Enumerable.Range(0, data.Count).Where(i => !named.Contains(OneLine(data.NameOf(i))))];
        return named.Count > 0 && left.Length == data.Count
            ? throw new UnusableDataException($"'{path}' names nothing of the data: it has names like '{named.Order(StringComparer.Ordinal).First()}', the data like '{data.NameOf(0)}'")
            : left.Length == 0
            ? throw new UnusableDataException($"'{path}' names all {data.Count:N0} samples of the data: none is left to train on")
            : left;
    }

    /// <summary>Fails when too many samples are unreadable.</summary>
    /// <param name="total">Samples in the data set.</param>
    /// <param name="maxShare">The largest share that is tolerated, 0 to 1.</param>
    /// <exception cref="UnusableDataException">More than this share is in quarantine.</exception>
    public void ThrowIfTooMany(int total, double maxShare)
    {
        int count = Count;
        if (count > maxShare * total)
        {
            throw new UnusableDataException(FormattableString.Invariant(
                $"{count:N0} of {total:N0} files cannot be read ({100.0 * count / total:0.##}%, limit {100 * maxShare:0.##}%): ")
                + "see quarantine.txt; mend or remove them, or raise data.maxCorruptShare");
        }
    }

    private static string OneLine(string text)
    {
        if (!text.Any(char.IsControl))
        {
            return text;
        }

        var line = new StringBuilder(text);
        for (int i = 0; i < line.Length; i++)
        {
            line[i] = char.IsControl(line[i]) ? ' ' : line[i];
        }

        return line.ToString();
    }
}
