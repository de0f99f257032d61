using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Evaluation;

/// <summary>Softmax regression by SGD with Nesterov momentum, a cosine schedule to zero, no warm-up and no weight decay (paper, C.1).</summary>
internal static class SoftmaxRegression
{
    /// <summary>
    /// Fits one classifier for each learning rate. All see the same batches, so their weights are stacked and share each matrix product:
    /// five learning rates cost little more than one.
    /// </summary>
    public static LinearClassifier[] Fit(
        FeatureSet train,
        IReadOnlyList<double> learningRates,
        LinearEvalOptions options,
        Action<long, long> report,
        CancellationToken cancellation)
    {
        int classes = train.ClassNames.Count, fits = learningRates.Count, batch = Math.Min(options.BatchSize, train.Count);
        long steps = Math.Max(1, (long)options.Epochs * train.Count / batch), reportEvery = Math.Max(1, steps / 100);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var x = train.AsTensor();
        var y = tensor(train.Labels.Select(label => (long)label).ToArray());
        var peaks = tensor(learningRates.SelectMany(lr => Enumerable.Repeat((float)(lr * batch / 256), classes)).ToArray()).unsqueeze(1);
        Tensor weights = zeros(fits * classes, train.Size), bias = zeros(fits * classes, 1);
        Tensor weightsVelocity = zeros_like(weights), biasVelocity = zeros_like(bias);
        // TorchSharp's scalars are freed by their finaliser even while a call uses them: name them, so that they outlive it.
        using Scalar momentum = options.Momentum, share = 1.0 / batch;
        var order = new EndlessOrder(train.Count, options.Seed);
        for (long step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var stepScope = NewDisposeScope();
            var rows = tensor(order.Next(batch));
            var xBatch = x.index_select(0, rows);
            var truth = nn.functional.one_hot(y.index_select(0, rows), classes).to(ScalarType.Float32).unsqueeze(1);
            var scores = xBatch.mm(weights.t()).add_(bias.view(-1)).view(batch, fits, classes);
            var error = (scores.softmax(2) - truth).mul_(share).view(batch, fits * classes); // gradient of the mean cross-entropy
            using Scalar cosine = 0.5 * (1 + Math.Cos(Math.PI * step / steps));
            var rates = peaks * cosine;
            Move(weights, weightsVelocity, error.t().mm(xBatch), rates, momentum);
            // 0L: a literal 0 would be taken for a ScalarType.
            Move(bias, biasVelocity, error.sum(0L).unsqueeze(1), rates, momentum);
            if ((step + 1) % reportEvery == 0 || step + 1 == steps)
            {
                report(step + 1, steps);
            }
        }
        float[] allWeights = [.. weights.data<float>()], allBias = [.. bias.data<float>()];
        int weightsEach = classes * train.Size;
        return [.. Enumerable.Range(0, fits).Select(f => new LinearClassifier(
            allWeights[(f * weightsEach)..((f + 1) * weightsEach)], allBias[(f * classes)..((f + 1) * classes)], train.ClassNames))];
    }

    private static void Move(Tensor parameter, Tensor velocity, Tensor gradient, Tensor rates, Scalar momentum)
    {
        velocity.mul_(momentum).add_(gradient);
        parameter.sub_(rates * (gradient + velocity * momentum));
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
