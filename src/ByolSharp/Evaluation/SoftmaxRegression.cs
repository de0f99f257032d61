using ByolSharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Evaluation;

/// <summary>
/// Softmax regression by SGD with Nesterov momentum, a cosine schedule to zero, no warm-up and no weight decay (paper, C.1). Fits one classifier
/// for each learning rate: all see the same batches, so their weights are stacked and share each matrix product, and five learning rates
/// cost little more than one.
/// </summary>
internal sealed class SoftmaxRegression : IDisposable
{
    private readonly IReadOnlyList<string> _classNames;
    private readonly LinearEvalOptions _options;
    private readonly int _fits, _classes, _size, _batch;
    private readonly long _steps;
    private readonly Tensor _weights, _bias, _weightsVelocity, _biasVelocity, _peaks;

    // TorchSharp's scalars, also those that it makes for a missing argument, are freed by their finaliser even while a call uses them.
    private readonly Scalar _momentum, _share, _clip, _inverseClip, _penaltyShare, _minusOne = -1;
    private long _step;

    private SoftmaxRegression(IReadOnlyList<string> classNames, int size, IReadOnlyList<double> learningRates, LinearEvalOptions options, int batch, long steps)
    {
        (_classNames, _options, _fits, _classes, _size, _batch, _steps) = (classNames, options, learningRates.Count, classNames.Count, size, batch, steps);
        _peaks = tensor(learningRates.SelectMany(lr => Enumerable.Repeat((float)(lr * batch / 256), _classes)).ToArray()).unsqueeze(1);
        (_weights, _bias) = (zeros(_fits * _classes, size), zeros(_fits * _classes, 1));
        (_weightsVelocity, _biasVelocity) = (zeros_like(_weights), zeros_like(_bias));
        _momentum = options.Momentum;
        _share = 1.0 / batch;
        _clip = options.LogitClip;
        _inverseClip = 1 / Math.Max(options.LogitClip, double.Epsilon);
        _penaltyShare = 2 * options.LogitPenalty / (batch * (double)_classes);
    }

    /// <summary>Fits classifiers to representations.</summary>
    public static LinearClassifier[] Fit(
        FeatureSet train, IReadOnlyList<double> learningRates, LinearEvalOptions options, Action<long, long> report, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        int batch = Math.Min(options.BatchSize, train.Count);
        using var fit = new SoftmaxRegression(train.ClassNames, train.Size, learningRates, options, batch, StepsOf(options, train.Count, batch));
        var x = train.AsTensor();
        var y = tensor(train.Labels.Select(label => (long)label).ToArray());
        var order = new EndlessOrder(train.Count, options.Seed);
        return fit.Run(report, cancellation, () =>
        {
            var rows = tensor(order.Next(batch));
            return (x.index_select(0, rows), y.index_select(0, rows));
        });
    }

    /// <summary>Fits classifiers to the representations of augmented views by an encoder in evaluation mode, which stays as it is.</summary>
    public static LinearClassifier[] Fit(
        Backbone encoder, IViewSource views, IReadOnlyList<string> classNames, IReadOnlyList<double> learningRates, LinearEvalOptions options,
        Action<long, long> report, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        int batch = Math.Min(options.BatchSize, views.Count);
        using var fit = new SoftmaxRegression(classNames, encoder.RepresentationSize, learningRates, options, batch, StepsOf(options, views.Count, batch));
        using var loader = new DataLoader(views, batch, options.Seed, workers: TorchRuntime.DataThreads);
        return fit.Run(report, cancellation, () =>
        {
            var drawn = loader.Next();
            return (encoder.call(ChannelsLast.Convert(drawn.V1)), drawn.Labels);
        });
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var scalar in new[] { _momentum, _share, _clip, _inverseClip, _penaltyShare, _minusOne })
        {
            scalar.Dispose();
        }
    }

    private static long StepsOf(LinearEvalOptions options, int samples, int batch) => Math.Max(1, (long)options.Epochs * samples / batch);

    private LinearClassifier[] Run(Action<long, long> report, CancellationToken cancellation, Func<(Tensor X, Tensor Y)> next)
    {
        long reportEvery = Math.Max(1, _steps / 100);
        while (_step < _steps)
        {
            cancellation.ThrowIfCancellationRequested();
            using var stepScope = NewDisposeScope();
            var (x, y) = next();
            Step(x, y);
            if (_step % reportEvery == 0 || _step == _steps)
            {
                report(_step, _steps);
            }
            FreedMemory.Return(_step);
        }
        float[] weights = [.. _weights.data<float>()], bias = [.. _bias.data<float>()];
        int each = _classes * _size;
        return [.. Enumerable.Range(0, _fits).Select(f => new LinearClassifier(
            weights[(f * each)..((f + 1) * each)], bias[(f * _classes)..((f + 1) * _classes)], _classNames))];
    }

    private void Step(Tensor x, Tensor y)
    {
        var truth = nn.functional.one_hot(y, _classes).to(ScalarType.Float32).unsqueeze(1);
        var logits = x.mm(_weights.t()).add_(_bias.view(-1), Scalars.One).view(_batch, _fits, _classes);
        var error = GradientOf(logits, truth).view(_batch, _fits * _classes);
        using Scalar cosine = 0.5 * (1 + Math.Cos(Math.PI * _step / _steps));
        var rates = _peaks * cosine;
        Move(_weights, _weightsVelocity, error.t().mm(x), rates);
        // 0L: a literal 0 would be taken for a ScalarType.
        Move(_bias, _biasVelocity, error.sum(0L).unsqueeze(1), rates);
        _step++;
    }

    /// <summary>
    /// Gradient of the mean cross-entropy; with a clip c that of the logits t = c tanh(x / c), to which the mean of t squared may be added.
    /// </summary>
    private Tensor GradientOf(Tensor logits, Tensor truth)
    {
        if (_options.LogitClip == 0)
        {
            return (logits.softmax(2) - truth).mul_(_share);
        }
        var tanh = (logits * _inverseClip).tanh_();
        var t = tanh * _clip;
        var gradient = (t.softmax(2) - truth).mul_(_share).add_(t, _penaltyShare);
        return gradient.mul_(tanh.pow(Scalars.Two).mul_(_minusOne).add_(Scalars.One, Scalars.One));
    }

    private void Move(Tensor parameter, Tensor velocity, Tensor gradient, Tensor rates)
    {
        velocity.mul_(_momentum).add_(gradient, Scalars.One);
        parameter.sub_(rates * gradient.add(velocity * _momentum, Scalars.One));
    }

    /// <summary>Indices in random order, pass after pass; a batch may reach over the end of a pass, as the authors' input pipeline does.</summary>
    private sealed class EndlessOrder(int count, long seed)
    {
        private readonly long[] _order = [.. Enumerable.Range(0, count).Select(i => (long)i)];
        private int _at;
        private long _pass;

        public long[] Next(int batch)
        {
            var indices = new long[batch];
            for (int i = 0; i < batch; i++)
            {
                if (_at == _order.Length || _pass == 0)
                {
                    var random = new SampleRandom(seed, epoch: _pass++);
                    random.Shuffle(_order.AsSpan());
                    _at = 0;
                }
                indices[i] = _order[_at++];
            }
            return indices;
        }
    }
}
