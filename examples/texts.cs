#:project ../src/ByolSharp/ByolSharp.csproj
using ByolSharp;
using ByolSharp.Evaluation;
using ByolSharp.Text;
using ByolSharp.Text.Tokenizers;
using ByolSharp.Training;

if (args.Length == 0)
{
    string[] who = ["the cat", "a dog", "my sister"], what = ["sees", "likes", "wants"], which = ["an apple", "the garden", "some water"];
    File.WriteAllLines("texts.txt", from a in who from b in what from c in which select $"{a} {b} {c}");
}
var preset = Presets.Get("text-small-cpu");
var options = preset with
{
    Data = preset.Data with { Path = args.FirstOrDefault() ?? "texts.txt" },
    Trainer = new() { BatchSize = 16, Duration = Duration.OfSteps(20) },
};
using var run = RunDirectory.Open("run", ExistingRun.Overwrite);
var result = Pretraining.Run(options, run);
Console.WriteLine($"{result.Step} steps, loss {result.Loss:0.000}, {result.Verdict}");

var (encoder, _, metadata) = ByolSharp.Export.EncoderFile.Load(run.Encoder);
using var texts = TextSources.Open(options.Data.Path, options.Text);
var source = new TextEvalSource(texts, options.Text.MaxTokens, TextTokenizer.Open(metadata.Text!.Tokenizer));
var features = FeatureExtractor.Extract(encoder, source).Features;
Console.WriteLine($"{features.Count} representations of {features.Size} numbers");
encoder.Dispose();
