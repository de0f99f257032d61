namespace ByolSharp.Images.Sources;

/// <summary>The generated images under a name that stands where a path does: <c>demo:train</c> and <c>demo:test</c>.</summary>
internal static class DemoData
{
    internal const string Scheme = "demo:";
    private const int TrainCount = 4000, TestCount = 1000;

    internal static ImageDataset Open(string data) => data[Scheme.Length..] switch
    {
        "train" => new GeneratedImages(new() { Count = TrainCount, Split = GeneratedSplit.Train }),
        "test" => new GeneratedImages(new() { Count = TestCount, Split = GeneratedSplit.Test }),
        _ => throw new UnusableDataException($"'{data}' is no generated data set; there are demo:train and demo:test"),
    };
}
