using ByolSharp.Optimizers;
using ByolSharp.Text.Backbones;
using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Text.LanguageModelling;

/// <summary>An encoder with a head that names tokens, trained by AdamW with a tenth of the steps to warm up and a cosine to zero.</summary>
internal sealed class TokenNetwork : IDisposable
{
    private const int TasksAtOnce = 64, PlacesAtOnce = 1024;
    private const double WeightDecay = 0.01, Warmup = 0.1;

    private readonly BertEncoder _encoder;
    private readonly LanguageModelOptions _options;
    private readonly bool _learns;
    private readonly TokenHead _head;
    private readonly ParameterArena _arena;

    /// <summary>Puts a head onto an encoder.</summary>
    /// <param name="encoder">Stays as it is with a frozen head, else trained in place.</param>
    /// <param name="vocabulary">Tokens.</param>
    /// <param name="options">Also whether the encoder learns, and sees later tokens.</param>
    internal TokenNetwork(BertEncoder encoder, int vocabulary, LanguageModelOptions options)
    {
        (_encoder, _options, _learns) = (encoder, options, options.Head != LanguageHead.Frozen);
        _head = new(encoder, vocabulary, options.IsTied, options.Seed);
        _arena = ParameterArena.Flatten(_learns ? [("encoder", encoder), ("head", _head)] : [("head", _head)], withGradients: true);
        encoder.eval();
    }

    /// <summary>Lets the head start at what counting tells; see <see cref="TokenHead.StartAt"/>.</summary>
    internal void StartAt(UnigramModel counts) => _head.StartAt(counts.Logarithms());

    /// <summary>Trains on batches of tasks.</summary>
    /// <param name="batchOf">The tasks of a step.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="report">Told after each.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <exception cref="TrainingStoppedException">The loss is no number.</exception>
    internal void Train(Func<long, IReadOnlyList<TokenTask>> batchOf, long steps, Action<long, long> report, CancellationToken cancellation)
    {
        var rate = Schedules.WarmupCosine(_options.Rate, (long)(Warmup * steps), steps);
        using var optimizer = Optimizer.Create(_arena, new() { Kind = OptimizerKind.AdamW, WeightDecay = WeightDecay });
        _encoder.train(_learns);
        try
        {
            for (long step = 0; step < steps; step++)
            {
                cancellation.ThrowIfCancellationRequested();
                double loss = Backward(batchOf(step), step);
                if (!double.IsFinite(loss))
                {
                    throw new TrainingStoppedException(FormattableString.Invariant(
                        $"language modelling, step {step}: the loss is not a finite number; lower the learning rate, which is {_options.Rate:0.######}."));
                }
                optimizer.Step(rate(step));
                report(step + 1, steps);
                FreedMemory.Return(step);
            }
        }
        finally
        {
            _encoder.eval();
        }
    }

    /// <summary>Seconds that a step takes; nothing is learned.</summary>
    internal double SecondsPerStep(Func<long, IReadOnlyList<TokenTask>> batchOf, CancellationToken cancellation)
    {
        const int Fewest = 3;
        Backward(batchOf(0), 0); // the first one allocates
        var clock = System.Diagnostics.Stopwatch.StartNew();
        int steps = 0;
        using var optimizer = Optimizer.Create(_arena, new() { Kind = OptimizerKind.AdamW, WeightDecay = WeightDecay });
        for (; steps < Fewest || clock.Elapsed < TimeSpan.FromSeconds(1); steps++)
        {
            cancellation.ThrowIfCancellationRequested();
            Backward(batchOf(steps), steps);
            optimizer.Step(0);
        }
        return clock.Elapsed.TotalSeconds / steps;
    }

    /// <summary>Names the tokens that are asked for.</summary>
    /// <param name="tasks">In any order.</param>
    /// <param name="textCount">Texts that they number.</param>
    /// <param name="report">Told the number of tasks done and of all.</param>
    /// <param name="cancellation">Stops between batches.</param>
    internal TextScore[] Score(IReadOnlyList<TokenTask> tasks, int textCount, Action<long, long> report, CancellationToken cancellation)
    {
        var scores = new TextScore[textCount];
        using var gradients = no_grad();
        int done = 0;
        foreach (var batch in tasks.Chunk(TasksAtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var bucket in TaskBucket.Of(batch))
            {
                Score(bucket, scores);
            }
            report(done += batch.Length, tasks.Count);
            FreedMemory.Return(done / TasksAtOnce);
        }
        return scores;
    }

    /// <summary>Scores of all tokens at the places where a task asks, [places, vocabulary].</summary>
    internal Tensor Logits(TaskBucket bucket, ulong? dropKey = null)
    {
        var tokens = _learns ? Encode() : WithoutGradients();
        return _head.Logits(tokens, _learns ? _encoder.TokenTable : _encoder.TokenTable.detach());

        Tensor Encode() => _encoder.EncodeHidden(bucket.Tokens, dropKey, isCausal: _options.Head == LanguageHead.Causal);

        Tensor WithoutGradients()
        {
            using var gradients = no_grad();
            return Encode();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _head.Dispose();
        _arena.Dispose();
    }

    private void Score(TaskBucket bucket, TextScore[] scores)
    {
        using var scope = NewDisposeScope();
        var tokens = _encoder.EncodeHidden(bucket.Tokens, null, isCausal: _options.Head == LanguageHead.Causal);
        for (int start = 0; start < bucket.Answers.Length; start += PlacesAtOnce)
        {
            using var part = NewDisposeScope();
            int count = Math.Min(PlacesAtOnce, bucket.Answers.Length - start);
            var answers = tensor(bucket.Answers.AsSpan(start, count).ToArray(), device: tokens.device);
            var logits = _head.Logits(tokens.narrow(0, start, count), _encoder.TokenTable);
            float[] nats = [.. nn.functional.cross_entropy(logits, answers, reduction: nn.Reduction.None).cpu().data<float>()];
            bool[] right = [.. logits.argmax(1).eq(answers).cpu().data<bool>()];
            for (int i = 0; i < count; i++)
            {
                scores[bucket.Texts[start + i]] += new TextScore(1, right[i] ? 1 : 0, nats[i]);
            }
        }
    }

    /// <summary>Gradients of the mean cross entropy over the tokens asked for, bucket by bucket; gives its value.</summary>
    private double Backward(IReadOnlyList<TokenTask> tasks, long step)
    {
        using var scope = NewDisposeScope();
        _arena.ZeroGradients();
        using Scalar share = 1.0 / tasks.Sum(task => task.Asked.Length);
        double loss = 0;
        int number = 0;
        foreach (var bucket in TaskBucket.Of(tasks))
        {
            using var part = NewDisposeScope();
            ulong dropKey = new SampleRandom(_options.Seed, step, number++, RandomStreams.Dropout).NextBits();
            var answers = tensor(bucket.Answers, device: _encoder.Device);
            var mean = nn.functional.cross_entropy(Logits(bucket, dropKey), answers, reduction: nn.Reduction.Sum).mul(share);
            mean.backward();
            loss += mean.item<float>();
        }
        return loss;
    }
}

/// <summary>Keeps draws apart that share a seed.</summary>
internal static class RandomStreams
{
    internal const long Dropout = 1, TrainMask = 2, TestMask = 3;
}
