namespace ByolSharp.Evaluation;

/// <summary>What every evaluation asks of its feature sets.</summary>
internal static class Guard
{
    public static FeatureSet Labelled(FeatureSet set, string role)
    {
        var labelled = set.Labelled();
        return labelled.Count > 0
            ? labelled
            : throw new UnusableDataException($"the {role} set has no labelled sample: put the files into one folder a class");
    }

    /// <summary>The samples that have a label, of all or of those named.</summary>
    public static int[] Labelled(ITrainingSource source, IReadOnlyList<int>? samples)
    {
        int[] labelled = [.. (samples ?? [.. Enumerable.Range(0, source.Count)]).Where(i => source.LabelOf(i) != FeatureSet.NoLabel)];
        return labelled.Length > 0
            ? labelled
            : throw new UnusableDataException("the training set has no labelled sample: put the files into one folder a class");
    }

    /// <summary>The test set with its labels counted in the training set's classes: folders are numbered by those that are present.</summary>
    public static FeatureSet Aligned(FeatureSet train, FeatureSet test)
    {
        SameSize(train, test);
        return Aligned(train.ClassNames, test);
    }

    /// <summary>Both sets hold representations of one length.</summary>
    public static void SameSize(FeatureSet train, FeatureSet test)
    {
        if (train.Size != test.Size)
        {
            throw new UnusableDataException(
                $"training features have length {train.Size}, test features {test.Size}: compute both with the same encoder");
        }
    }

    /// <inheritdoc cref="Aligned(FeatureSet, FeatureSet)" />
    public static FeatureSet Aligned(IReadOnlyList<string> classNames, FeatureSet test)
    {
        if (test.ClassNames.SequenceEqual(classNames))
        {
            return test;
        }
        var number = classNames.Index().ToDictionary(c => c.Item, c => c.Index);
        var labels = test.Labels.Select(label => number.TryGetValue(test.ClassNames[label], out int known)
            ? known
            : throw new UnusableDataException(
                $"class '{test.ClassNames[label]}' is in the test set but not in the training set: name the folders alike"));
        return new(test.Values.ToArray(), test.Size, [.. labels], test.Names, classNames);
    }
}
