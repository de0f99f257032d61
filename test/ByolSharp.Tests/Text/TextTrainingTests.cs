using System.Text.Json.Nodes;
using ByolSharp.Evaluation;
using ByolSharp.Export;
using ByolSharp.Images.Backbones;
using ByolSharp.Optimizers;
using ByolSharp.Tests.Training;
using ByolSharp.Text;
using ByolSharp.Text.Tokenizers;
using ByolSharp.Training;

namespace ByolSharp.Tests.Text;

public sealed class TextTrainingTests : IDisposable
{
    private static readonly string[] Subjects = ["the cat", "a dog", "my friend", "the old man", "her sister"], Verbs = ["likes", "sees", "wants", "has"];
    private static readonly string[] Objects = ["a red apple", "the small house", "some cold water", "an open door of the garden"];

    private readonly TempFolder _folder = new();

    public TextTrainingTests()
    {
        var random = new SampleRandom(4);
        var lines = Enumerable.Range(0, 96).Select(_ => $"{Subjects[random.NextInt(5)]} {Verbs[random.NextInt(4)]} {Objects[random.NextInt(4)]}").ToArray();
        _folder.Write("texts.tsv", "label\ttext\n" + string.Join('\n', lines.Select(line => $"{(line.Contains("apple", StringComparison.Ordinal) ? "fruit" : "other")}\t{line}")) + "\n");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void Stopping_changes_nothing_whatever_is_learned_from(double sentenceWeight, double tokenWeight)
    {
        var options = Options(sentenceWeight, tokenWeight);
        Train("whole", options);
        Train("parts", options, stopAt: 3);
        Train("parts", options);

        Assert.Equal(SavedState.Of(_folder.Of("whole"), "last"), SavedState.Of(_folder.Of("parts"), "last"));
    }

    [Fact]
    public void The_loss_of_hidden_tokens_falls_and_tokens_and_padding_are_measured()
    {
        Train("run", Options(sentenceWeight: 0, tokenWeight: 1, steps: 60));

        JsonNode[] lines = [.. File.ReadLines(_folder.Of("run/metrics.jsonl")).Select(line => JsonNode.Parse(line)!)];
        double[] losses = [.. lines.Select(line => (double)line["part_loss"]!)];
        Assert.True(losses[^10..].Average() < 0.8 * losses[..10].Average(), string.Join(' ', losses));
        Assert.InRange(lines.Average(line => (double)line["padding"]!), 0, 0.1);
        Assert.All(lines, line => Assert.True((double)line["tokens_per_second"]! > 0));
    }

    [Fact]
    public void The_encoder_s_file_brings_its_tokenizer()
    {
        Train("run", Options(1, 1));

        var (encoder, _, metadata) = EncoderFile.Load(_folder.Of("run/encoder.safetensors"));
        using (encoder)
        {
            var tokenizer = TextTokenizer.Open(metadata.Text!.Tokenizer);
            using var data = TextSources.Open(_folder.Of("texts.tsv"), metadata.Text.Options);
            var features = FeatureExtractor.Extract(encoder, new TextEvalSource(data, metadata.Text.Options.MaxTokens, tokenizer), cancellation: TestContext.Current.CancellationToken).Features;

            Assert.Equal(96, features.Count);
            Assert.Equal(["fruit", "other"], features.ClassNames);
            Assert.Equal(TextTokenizer.Open(_folder.Of("run")).Source, metadata.Text.Tokenizer);
        }
    }

    [Fact]
    public void Another_tokenizer_is_another_training()
    {
        var options = Options(1, 0);
        Train("run", options, stopAt: 3);
        TextTokenizer.Train(["something else entirely"], 300).Source.Save(_folder.Path);

        Assert.Throws<ConfigurationException>(() => Train("run", options with { Text = options.Text with { Tokenizer = _folder.Path } }));
    }

    [Fact]
    public void What_does_not_go_together_is_said()
    {
        var options = Options(1, 1);

        Assert.Contains("text.maskShare", Invalid(options with { Text = options.Text with { MaskShare = 0 } }), StringComparison.Ordinal);
        Assert.Contains("both 0", Invalid(options with { Text = options.Text with { SentenceWeight = 0, TokenWeight = 0 } }), StringComparison.Ordinal);
        Assert.Contains("bert-tiny", Invalid(options with { Backbone = new() { Name = "resnet18" } }), StringComparison.Ordinal);

        static string Invalid(RunOptions wrong) => Assert.Throws<ConfigurationException>(wrong.Validate).Message;
    }

    private void Train(string run, RunOptions options, int? stopAt = null)
    {
        using var directory = RunDirectory.Open(_folder.Of(run), ExistingRun.Resume);
        using var stop = new CancellationTokenSource();
        Pretraining.Run(options, directory, observer: new StopAt(stopAt, stop), cancellation: stop.Token);
    }

    private RunOptions Options(double sentenceWeight, double tokenWeight, int steps = 6) => SmallRun.Options() with
    {
        Backbone = new() { Name = "bert-tiny", Pooling = TokenPooling.Mean },
        Data = new() { Kind = DataKind.Text, Path = _folder.Of("texts.tsv"), Workers = 1 },
        Text = new() { VocabularySize = 320, MaxTokens = 24, CropMin = 0.5, MaskShare = 0.3, TargetDropout = false, SentenceWeight = sentenceWeight, TokenWeight = tokenWeight, SmoothBeta = 1 },
        Optimizer = new() { Kind = OptimizerKind.AdamW, BaseLearningRate = 1e-3, ScaleWithBatchSize = false, Warmup = Duration.OfSteps(2) },
        Trainer = SmallRun.Options().Trainer with { Duration = Duration.OfSteps(steps), CheckpointEvery = Duration.OfSteps(3) },
    };
}
