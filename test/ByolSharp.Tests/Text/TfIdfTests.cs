using ByolSharp.Evaluation;
using ByolSharp.Text;

namespace ByolSharp.Tests.Text;

public sealed class TfIdfTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>n = 3; cat, ran and the stand in two texts: 1 + ln(4/3) = 1.28768; dog and sat in one: 1 + ln 2 = 1.69315. A single letter is no word.</summary>
    [Fact]
    public void Weights_are_those_computed_by_hand()
    {
        var words = TfIdf.Learn(Open("The cat sat.\nthe cat, CAT ran!\na dog ran\n"));

        Assert.Equal(["cat", "dog", "ran", "sat", "the"], words.Terms);
        AssertWeights(words, "the cat, CAT ran!", 0.767495, 0, 0.453295, 0, 0.453295); // cat twice: (1 + ln 2) 1.28768 = 2.18023, before the scaling
        AssertWeights(words, "The cat sat.", 0.517856, 0, 0, 0.680919, 0.517856);
        AssertWeights(words, "dogs and a horse", 0, 0, 0, 0, 0);
    }

    [Fact]
    public void The_terms_of_most_texts_are_kept_and_pairs_of_words_are_terms_where_asked_for()
    {
        using var data = Open("red fish\nred fish\nblue fish\n");

        Assert.Equal(["fish", "red"], TfIdf.Learn(data, new() { Terms = 2 }).Terms);
        Assert.Equal(["blue", "blue fish", "fish", "red", "red fish"], TfIdf.Learn(data, new() { Pairs = true }).Terms);
        Assert.Throws<ConfigurationException>(() => TfIdf.Learn(data, new() { Terms = 0 }));
        Assert.Throws<UnusableDataException>(() => TfIdf.Learn(Open("1 2\n? !\n")));
    }

    [Fact]
    public void Neighbours_of_real_news_name_their_subject()
    {
        var options = new TextOptions { Column = "2+3", LabelColumn = "1" };
        using var train = TextSources.Open(TestData.Find("text", "ag_news", "train.csv"), options);
        using var test = TextSources.Open(TestData.Find("text", "ag_news", "test.csv"), options, train.ClassNames);
        var words = TfIdf.Learn(train, new() { Terms = 3000 });

        double top1 = new KnnClassifier(Features(train)).Evaluate(Features(test), cancellation: TestContext.Current.CancellationToken).Top1;

        Assert.InRange(top1, 0.82, 0.92);

        FeatureSet Features(TextDataset data)
        {
            using var same = new PixelBackbone(words.Terms.Count);
            return FeatureExtractor.Extract(same, new TfIdfSource(data, words), cancellation: TestContext.Current.CancellationToken).Features;
        }
    }

    private static void AssertWeights(TfIdf words, string text, params double[] expected)
    {
        var weights = new float[words.Terms.Count];
        weights.AsSpan().Fill(float.NaN); // what was there before is of no matter
        words.Weigh(text, weights);

        Assert.Equal(expected, weights.Select(weight => (double)weight), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    private TextDataset Open(string lines) => TextSources.Open(_folder.Write($"{Guid.NewGuid()}.lines", lines));
}
