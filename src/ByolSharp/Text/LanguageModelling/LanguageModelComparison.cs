using ByolSharp.Text.Backbones;
using ByolSharp.Text.Tokenizers;
using ByolSharp.Training;

namespace ByolSharp.Text.LanguageModelling;

/// <summary>Models that learn from the same passages and are asked the same.</summary>
internal sealed class LanguageModelComparison
{
    private readonly PassageSet _train, _test;
    private readonly TextTokenizer _tokenizer;
    private readonly LanguageModelOptions _options;
    private readonly IProgress<LanguageModelProgress>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly TokenMasking _masking;
    private readonly SampleOrder _order;
    private readonly int _batch;
    private readonly TokenTask[] _tasks, _oneByOne;
    private readonly UnigramModel _counts;

    internal LanguageModelComparison(
        PassageSet train, PassageSet test, TextTokenizer tokenizer, LanguageModelOptions options, IProgress<LanguageModelProgress>? progress, CancellationToken cancellation)
    {
        (_train, _test, _tokenizer, _options, _progress, _cancellation) = (train, test, tokenizer, options, progress, cancellation);
        _masking = new(options.MaskShare, tokenizer);
        _order = new(train.Passages.Count, options.Seed);
        _counts = new(train.Passages, tokenizer.VocabularySize);
        _batch = Math.Min(options.BatchSize, train.Passages.Count);
        _tasks = [.. test.Passages.Select((passage, i) => IsCausal ? TokenTask.Next(passage) : _masking.Apply(passage, new(options.Seed, 0, i, RandomStreams.TestMask)))];
        _oneByOne = IsCausal ? [] :
            [.. test.Passages.Where(passage => passage.Text < options.PseudoTexts).SelectMany(passage => TokenTask.OneByOne(passage, tokenizer.MaskToken))];
    }

    private bool IsCausal => _options.Head == LanguageHead.Causal;

    /// <summary>Steps of each training; a time is measured on the dearest one.</summary>
    internal long StepsFor(BertEncoder random)
    {
        double seconds = 0;
        if (_options.Length.Unit == DurationUnit.Seconds)
        {
            using var network = new TokenNetwork(random, _tokenizer.VocabularySize, _options);
            seconds = network.SecondsPerStep(BatchOf, _cancellation);
        }
        return Math.Max(1, _options.Length.ToSteps((double)_train.Passages.Count / _batch, secondsPerStep: seconds));
    }

    /// <summary>Counts of single tokens.</summary>
    internal LanguageModelScore Unigrams() => Counted("unigram", "unigrams, add one", _counts);

    /// <summary>Counts of three tokens.</summary>
    internal LanguageModelScore Trigrams() => Counted("trigram", "trigrams, Kneser-Ney", new NGramModel(_train.Passages, _tokenizer.VocabularySize));

    /// <summary>A head on an encoder.</summary>
    internal LanguageModelScore Network(BertEncoder encoder, (string Key, string Name) model, LanguageModelOptions options, long steps)
    {
        using var network = new TokenNetwork(encoder, _tokenizer.VocabularySize, options);
        network.StartAt(_counts);
        network.Train(BatchOf, steps, Report("training"), _cancellation);
        return Finish(model, tasks => network.Score(tasks, _test.Texts.Count, Report("test"), _cancellation));

        Action<long, long> Report(string stage) => (done, total) => _progress?.Report(new($"{model.Name}, {stage}", done, total));
    }

    private LanguageModelScore Counted(string key, string name, TokenModel model) => Finish((key, name), tasks => model.Score(tasks, _test.Texts.Count));

    private LanguageModelScore Finish((string Key, string Name) model, Func<IReadOnlyList<TokenTask>, TextScore[]> score)
    {
        var texts = score(_tasks);
        var finished = new LanguageModelScore(model.Key, model.Name, texts)
        {
            BitsPerCharacter = IsCausal ? LanguageModelScore.BitsOf(texts, _test.Texts) : null,
            PseudoPerplexity = _oneByOne.Length == 0 ? null : LanguageModelScore.PerWord(score(_oneByOne), _test.Texts),
        };
        _progress?.Report(new(model.Name, 1, 1) { Finished = finished });
        return finished;
    }

    /// <summary>The tasks of a step: what is hidden of a passage differs from pass to pass.</summary>
    private TokenTask[] BatchOf(long step) =>
        [.. Enumerable.Range(0, _batch).Select(i => _order.At(step * _batch + i)).Select(place => IsCausal
            ? TokenTask.Next(_train.Passages[place.Index])
            : _masking.Apply(_train.Passages[place.Index], new(_options.Seed, place.Epoch, place.Index, RandomStreams.TrainMask)))];
}
