using System.Diagnostics;
using System.Text.Json.Nodes;
using ByolSharp.Export;
using ByolSharp.Sources;
using ByolSharp.Text.Backbones;
using ByolSharp.Text.Tokenizers;
using ByolSharp.Training;

namespace ByolSharp.Text;

/// <summary>Pre-training on texts: read where they are wanted, cut into tokens, each drawn as two augmented views.</summary>
internal sealed class TextDomain : TrainingDomain
{
    private readonly TextDataset _source;
    private readonly ReadableTexts _texts;
    private readonly TextTokenizer _tokenizer;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private (long Tokens, long Slots) _seen;

    /// <summary>Opens the texts and the tokenizer, or learns one from them.</summary>
    /// <param name="options">data.path says where they are.</param>
    internal TextDomain(RunOptions options)
    {
        var all = Open(options, options.Data.Path, null);
        _source = options.Data.Quarantine is { Length: > 0 } list ? new TextSubset(all, ByolSharp.Sources.Quarantine.Without(all, list)) : all;
        bool isLearned = options.Text.Tokenizer.Length == 0;
        _tokenizer = isLearned ? TextTokenizer.Train(TokenizerTexts.Of(_source), options.Text.VocabularySize) : TextTokenizer.Open(options.Text.Tokenizer);
        Options = options with
        {
            Data = options.Data with { Workers = WorkersOf(options.Data) },
            Text = TextMetadata.Of(options.Text, _tokenizer).Options,
        };
        Remarks =
        [
            .. LeftOut(options.Data, all.Count, _source.Count), .. _source.Remarks,
            FormattableString.Invariant($"{_source.Count:N0} texts; {_tokenizer.VocabularySize:N0} tokens{(isLearned ? ", learned from them" : "")}"),
        ];
        _texts = new(_source, new());
        Views = new TextViewSource(_texts, Options.Text, _tokenizer, Options.Seed);
        if (Options.Data is { EvalTrain: { } train, EvalTest: { } test })
        {
            var trainData = Open(options, train, null);
            trainData.RequireClasses(train);
            Evaluation = (Source(trainData), Source(Open(options, test, trainData.ClassNames)));
        }
    }

    /// <inheritdoc />
    internal override RunOptions Options { get; }

    /// <inheritdoc />
    internal override IViewSource Views { get; }

    /// <inheritdoc />
    internal override int ClassCount => _texts.ClassNames.Count;

    /// <inheritdoc />
    internal override (IEvalSource Train, IEvalSource Test)? Evaluation { get; }

    /// <inheritdoc />
    internal override Quarantine Quarantine => _texts.Quarantine;

    /// <inheritdoc />
    internal override IReadOnlyList<string> Remarks { get; }

    /// <inheritdoc />
    internal override Action<int>? Decode => index => _source.Read(index);

    /// <inheritdoc />
    internal override PartObjective? Parts => Options.Text is { TokenWeight: > 0 } text
        ? new(text.TokenWeight, text.SentenceWeight, text.AveragedLayers, text.SmoothBeta, text.TargetNorm, text.MaxTokens)
        : null;

    /// <inheritdoc />
    internal override void Read(int index) => _texts.Read(index);

    /// <inheritdoc />
    internal override Backbone CreateBackbone(RunOptions options, long seed) => TextBackbones.Create(options.Backbone, options.Text, seed);

    /// <inheritdoc />
    internal override void LoadWeights(string path, Backbone backbone) => BertWeights.Load(path, backbone);

    /// <inheritdoc />
    internal override void WriteTo(RunDirectory run) => _tokenizer.Source.Save(run.Path);

    /// <summary>Tokens that the online network has seen a second since the last line, and the share of padding among the places computed for them.</summary>
    internal override void AddMetrics(JsonObject line, Backbone encoder)
    {
        if (encoder is not BertEncoder { Seen: var seen } || seen.Slots == _seen.Slots)
        {
            return;
        }
        long tokens = seen.Tokens - _seen.Tokens, slots = seen.Slots - _seen.Slots;
        line["tokens_per_second"] = tokens / _clock.Elapsed.TotalSeconds;
        line["padding"] = 1 - (double)tokens / slots;
        _seen = seen;
        _clock.Restart();
    }

    /// <inheritdoc />
    protected override EncoderMetadata Metadata => new() { Text = TextMetadata.Of(Options.Text, _tokenizer) };

    private TextDataset Open(RunOptions options, string path, IReadOnlyList<string>? classNames) => path.Length == 0
        ? throw new ConfigurationException("data.path is empty; name the file or folder with the texts.")
        : Own(TextSources.Open(path, options.Text, classNames));

    private TextEvalSource Source(TextDataset data) => new(data, Options.Text.MaxTokens, _tokenizer);
}
