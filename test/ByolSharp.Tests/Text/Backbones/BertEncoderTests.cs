using ByolSharp.Export;
using ByolSharp.Images.Backbones;
using ByolSharp.Tests.Reference;
using ByolSharp.Text;
using ByolSharp.Text.Backbones;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Text.Backbones;

public sealed class BertEncoderTests
{
    private const int Vocabulary = 30, Mask = 4;
    private static readonly TextOptions Options = new() { VocabularySize = Vocabulary, MaskToken = Mask, MaxTokens = 16, Dropout = 0.1 };

    [Theory]
    [InlineData("bert-base", "huggingface-bert-base-uncased.txt")]
    [InlineData("minilm-6x384", "huggingface-all-minilm-l6.txt")]
    public void Keys_and_shapes_are_those_of_Hugging_Face(string name, string list)
    {
        using var encoder = TextBackbones.Build(new() { Name = name }, Options with { VocabularySize = 30_522 });
        var expected = ReferenceFile.Shapes(list);

        var actual = encoder.state_dict();

        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), actual.Keys.Order(StringComparer.Ordinal));
        Assert.All(expected, entry => Assert.Equal(entry.Value, actual[entry.Key].shape));
    }

    [Fact]
    public void Outputs_are_those_of_the_formulas_in_double_precision()
    {
        using var encoder = Tiny(TokenPooling.Mean);
        int[][] texts = [[2, 7, 8, 9, 28, 3], [2, 11, 3], [2, 5, 5, 17, 3]];
        var plain = new PlainBert(encoder, layers: 2, heads: 2, epsilon: 1e-12);

        float[] y = Values(encoder.call(TextViewsOf.Tokens(8, 0, texts)));

        for (int i = 0; i < texts.Length; i++)
        {
            double[][] tokens = plain.Encode(texts[i]);
            for (int d = 0; d < 8; d++)
            {
                Assert.Equal(tokens.Average(token => token[d]), y[i * 8 + d], 1e-5);
            }
        }
    }

    [Fact]
    public void The_first_token_is_the_representation_where_that_is_asked_for()
    {
        using var encoder = Tiny(TokenPooling.Cls);
        double[][] tokens = new PlainBert(encoder, layers: 2, heads: 2, epsilon: 1e-12).Encode([2, 7, 8, 3]);

        float[] y = Values(encoder.call(TextViewsOf.Tokens(8, 0, [2, 7, 8, 3], [2, 3])));

        Assert.All(Enumerable.Range(0, 8), d => Assert.Equal(tokens[0][d], y[d], 1e-5));
    }

    [Fact]
    public void Hidden_tokens_are_the_mask_to_the_online_network_and_themselves_to_the_target()
    {
        using var encoder = Tiny(TokenPooling.Mean);
        Tensor hidden = TextViewsOf.Tokens(8, 0, [2, -7, 8, -9, 3]);

        Assert.Equal(Values(encoder.call(TextViewsOf.Tokens(8, 0, [2, Mask, 8, Mask, 3]))), Values(encoder.call(hidden)));
        Assert.Equal(Values(encoder.call(TextViewsOf.Tokens(8, 0, [2, 7, 8, 9, 3]))), Values(encoder.call(encoder.SeenByTarget(hidden))));

        double[][] tokens = new PlainBert(encoder, layers: 2, heads: 2, epsilon: 1e-12).Encode([2, Mask, 8, Mask, 3]);
        float[] parts = Values(encoder.EncodeParts(hidden, seesHidden: false, averagedLayers: 0).Parts);
        Assert.Equal(2 * 8, parts.Length);
        Assert.All(Enumerable.Range(0, 8), d => Assert.Equal(tokens[1][d], parts[d], 1e-5));
        Assert.All(Enumerable.Range(0, 8), d => Assert.Equal(tokens[3][d], parts[8 + d], 1e-5));
        Assert.Equal([1, 3], encoder.PlacesOf(hidden).data<long>().ToArray());
    }

    [Fact]
    public void A_text_is_represented_alike_whatever_stands_beside_it()
    {
        using var encoder = Tiny(TokenPooling.Mean);
        var random = new SampleRandom(1);
        int[][] texts = [.. Enumerable.Range(0, 100).Select(_ => RandomText(ref random))];

        float[] together = Values(encoder.call(TextViewsOf.Tokens(60, 0, texts)));

        for (int i = 0; i < texts.Length; i++)
        {
            float[] alone = Values(encoder.call(TextViewsOf.Tokens(60, 0, texts[i])));
            Assert.All(Enumerable.Range(0, 8), d => Assert.Equal(alone[d], together[i * 8 + d], 1e-5));
        }
    }

    [Fact]
    public void Padding_stays_below_a_tenth()
    {
        var random = new SampleRandom(2);
        int[][] texts = [.. Enumerable.Range(0, 64).Select(_ => RandomText(ref random))];

        var batch = TokenBatch.Of(TextViewsOf.Tokens(60, 0, texts), seesHidden: false, Mask);

        Assert.Equal(texts.Sum(text => text.Length), batch.Tokens);
        Assert.InRange((double)batch.Tokens / batch.Slots, 0.9, 1);
    }

    [Fact]
    public void What_is_dropped_follows_from_the_views_alone()
    {
        using var encoder = Tiny(TokenPooling.Mean);
        int[] text = [2, 7, 8, 9, 10, 3];
        encoder.train();

        float[] first = Values(encoder.call(TextViewsOf.Tokens(8, 123, text)));
        manual_seed(99);

        Assert.Equal(first, Values(encoder.call(TextViewsOf.Tokens(8, 123, text))));
        Assert.NotEqual(first, Values(encoder.call(TextViewsOf.Tokens(8, 124, text))));
        float[] whole = Values(encoder.call(TextViewsOf.Tokens(8, 0, text)));
        Assert.NotEqual(first, whole);
        Assert.Equal(whole, Values(encoder.call(encoder.SeenByTarget(TextViewsOf.Tokens(8, -123, text)))));
        encoder.eval();
        Assert.Equal(whole, Values(encoder.call(TextViewsOf.Tokens(8, 123, text))));
    }

    [Fact]
    public void Weights_of_a_pretraining_model_are_found_behind_its_prefix_and_beside_its_heads()
    {
        using var folder = new TempFolder();
        using var encoder = Tiny(TokenPooling.Mean);
        using var other = TextBackbones.Create(new() { Name = "bert-tiny" }, Options, seed: 5);
        using var same = TextBackbones.Create(new() { Name = "bert-tiny" }, Options, seed: 6);
        var tensors = other.state_dict().Where(entry => !entry.Key.StartsWith("pooler.", StringComparison.Ordinal)).Select(entry => (
            "bert." + entry.Key.Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal).Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal),
            entry.Value));
        string file = folder.Of("model.safetensors");
        SafeTensors.Write(file, tensors.Append(("cls.predictions.bias", zeros(Vocabulary))), new Dictionary<string, string>());

        BertWeights.Load(file, same);

        Tensor view = TextViewsOf.Tokens(8, 0, [2, 7, 8, 3]);
        other.eval();
        same.eval();
        Assert.Equal(Values(other.call(view)), Values(same.call(view)));
        Assert.Throws<StorageException>(() => BertWeights.Load(file, encoder));
    }

    /// <summary>Two layers of 8, all weights set by a formula.</summary>
    private static BertEncoder Tiny(TokenPooling pooling)
    {
        var encoder = new BertEncoder("tiny", new(Layers: 2, Width: 8, Heads: 2), Options, pooling);
        using var gradients = no_grad();
        foreach (var (_, parameter) in encoder.named_parameters())
        {
            float[] values = [.. Enumerable.Range(0, (int)parameter.numel()).Select(i => (float)(0.4 * Math.Sin(1.7 * i + parameter.numel()) + (parameter.dim() == 1 ? 0.5 : 0)))];
            parameter.copy_(tensor(values, parameter.shape));
        }
        encoder.eval();
        return encoder;
    }

    private static int[] RandomText(ref SampleRandom random)
    {
        var text = new int[3 + random.NextInt(55)];
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = 5 + random.NextInt(Vocabulary - 5);
        }
        return text;
    }

    private static float[] Values(Tensor tensor) => tensor.detach().contiguous().data<float>().ToArray();
}
