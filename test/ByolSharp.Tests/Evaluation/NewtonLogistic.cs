using ByolSharp.Evaluation;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Evaluation;

/// <summary>
/// Multinomial logistic regression by Newton's method in double precision with the exact Hessian: shares no code with what it judges. The loss
/// is sum_i cross-entropy_i + lambda / 2 |W|^2, the bias not penalised.
/// </summary>
internal sealed class NewtonLogistic
{
    private readonly Tensor _x, _truth;
    private readonly double _lambda;
    private readonly int _classes;

    private NewtonLogistic(FeatureSet train, double lambda)
    {
        (_lambda, _classes) = (lambda, train.ClassNames.Count);
        _x = cat([train.AsTensor().to(float64), ones(train.Count, 1, dtype: float64)], 1); // the last column is the bias'
        _truth = nn.functional.one_hot(tensor(train.Labels.Select(l => (long)l).ToArray()), _classes).to(float64);
    }

    /// <summary>The smallest loss.</summary>
    public static double Minimum(FeatureSet train, double lambda)
    {
        using var scope = NewDisposeScope();
        var problem = new NewtonLogistic(train, lambda);
        var w = zeros(problem._classes, problem._x.shape[1], dtype: float64);
        for (int iteration = 0; iteration < 100; iteration++)
        {
            using var step = NewDisposeScope();
            var (gradient, hessian) = problem.Derivatives(w);
            if (gradient.abs().max().item<double>() < 1e-9)
            {
                return problem.Loss(w);
            }
            var direction = linalg.solve(hessian, gradient.view(-1, 1)).view(w.shape);
            double t = 1, loss = problem.Loss(w);
            while (problem.Loss(w - direction * tensor(t, float64)) > loss && t > 1e-10)
            {
                t /= 2;
            }
            w.copy_(w - direction * tensor(t, float64));
        }
        return problem.Loss(w);
    }

    /// <summary>The loss of a classifier.</summary>
    public static double LossOf(FeatureSet train, LinearClassifier classifier, double lambda)
    {
        using var scope = NewDisposeScope();
        var weights = tensor(classifier.Weights.ToArray()).view(classifier.Bias.Length, train.Size);
        return new NewtonLogistic(train, lambda).Loss(cat([weights, tensor(classifier.Bias.ToArray()).unsqueeze(1)], 1).to(float64));
    }

    private double Loss(Tensor w)
    {
        using var scope = NewDisposeScope();
        var scores = _x.mm(w.t());
        double entropy = (scores.logsumexp(1) - (scores * _truth).sum(1)).sum().item<double>();
        return entropy + _lambda / 2 * w.narrow(1, 0, w.shape[1] - 1).square().sum().item<double>();
    }

    private (Tensor Gradient, Tensor Hessian) Derivatives(Tensor w)
    {
        long size = w.shape[1];
        var penalty = ones(size, dtype: float64) * tensor(_lambda, float64);
        penalty[-1] = tensor(0.0, float64);
        var p = _x.mm(w.t()).softmax(1);
        var gradient = (p - _truth).t().mm(_x) + w * penalty;
        var hessian = zeros(_classes * size, _classes * size, dtype: float64);
        for (int a = 0; a < _classes; a++)
        {
            for (int b = 0; b < _classes; b++)
            {
                var share = p.select(1, a) * (tensor(a == b ? 1.0 : 0.0, float64) - p.select(1, b));
                hessian.narrow(0, a * size, size).narrow(1, b * size, size).copy_(_x.t().mm(_x * share.unsqueeze(1)));
            }
            // Adding one number to all biases changes nothing: a little on their diagonal makes the system solvable without moving its solution.
            hessian.narrow(0, a * size, size).narrow(1, a * size, size).add_(penalty.diag()).diagonal()[-1].add_(tensor(1e-8, float64));
        }
        return (gradient, hessian);
    }
}
