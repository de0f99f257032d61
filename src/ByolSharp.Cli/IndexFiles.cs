using ByolSharp.Evaluation;
using ByolSharp.Search;

namespace ByolSharp.Cli;

/// <summary>Index files as commands see them: their errors with the right exit code, and what they hold as a set of features.</summary>
internal static class IndexFiles
{
    /// <summary>Runs a command that works with an index.</summary>
    internal static CommandHandler Guarded(CommandHandler handler) => (arguments, terminal, cancellation) =>
    {
        try
        {
            return handler(arguments, terminal, cancellation);
        }
        catch (Exception e) when (e is InvalidDataException or FileNotFoundException)
        {
            throw new ConfigurationException(e.Message, e);
        }
        catch (IOException e)
        {
            throw new StorageException(e.Message, e);
        }
    };

    /// <summary>A loaded index for what works on features.</summary>
    internal static FeatureSet ToFeatures(RepresentationMatrix matrix)
    {
        string[] classes = [.. matrix.Labels.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var numbers = classes.Select((name, i) => (name, i)).ToDictionary(c => c.name, c => c.i, StringComparer.Ordinal);
        int[] labels = [.. matrix.Labels.Select(label => label is null ? FeatureSet.NoLabel : numbers[label])];
        return new(matrix.Values.ToArray(), matrix.Size, labels, matrix.Names, classes);
    }
}
