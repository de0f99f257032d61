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

    /// <summary>The test set with its labels counted in the training set's classes: folders are numbered by those that are present.</summary>
    public static FeatureSet Aligned(FeatureSet train, FeatureSet test)
    {
        if (train.Size != test.Size)
        {
            throw new UnusableDataException(
                $"training features have length {train.Size}, test features {test.Size}: compute both with the same encoder");
        }
        if (test.ClassNames.SequenceEqual(train.ClassNames))
        {
            return test;
        }
        var number = train.ClassNames.Index().ToDictionary(c => c.Item, c => c.Index);
        var labels = test.Labels.Select(label => number.TryGetValue(test.ClassNames[label], out int known)
            ? known
            : throw new UnusableDataException(
                $"class '{test.ClassNames[label]}' is in the test set but not in the training set: name the folders alike"));
        return new(test.Values.ToArray(), test.Size, [.. labels], test.Names, train.ClassNames);
    }
}
