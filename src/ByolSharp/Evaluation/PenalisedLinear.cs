using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Evaluation;

/// <summary>Linear models with an L2 penalty by L-BFGS: minimises sum_i loss_i + lambda / 2 |W|^2, the bias not penalised.</summary>
internal static class PenalisedLinear
{
    /// <summary>Gives the mean loss of logits [samples, outputs] in double precision, and its gradient.</summary>
    public delegate (double Mean, Tensor Gradient) Loss(Tensor logits);

    /// <summary>Solves one problem.</summary>
    /// <param name="train">The samples.</param>
    /// <param name="outputs">Scores of a sample.</param>
    /// <param name="alternatives">Classes that exclude each other: all, or 2 where each output is a question of its own.</param>
    /// <param name="lambda">Penalty, at least 0.</param>
    /// <param name="options">Iterations and tolerance.</param>
    /// <param name="start">An earlier solution to start from; null: zeros.</param>
    /// <param name="loss">Loss.</param>
    /// <param name="cancellation">Stops between iterations.</param>
    /// <returns>Weights [outputs, size], then bias [outputs].</returns>
    public static double[] Solve(
        FeatureSet train, int outputs, int alternatives, double lambda, LogisticRegressionOptions options, double[]? start, Loss loss,
        CancellationToken cancellation)
    {
        int weightCount = outputs * train.Size;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var scaling = new FeatureScaling(train, lambda, alternatives);
        double[] solution = start is null ? new double[weightCount + outputs] : scaling.ToScaled(start);
        var x = scaling.Scaled(train);
        using Scalar one = 1; // named: see SoftmaxRegression
        Lbfgs.Minimise(solution, Objective, options.MaxIterations, options.GradientTolerance, cancellation);
        return scaling.ToPlain(solution);

        // Matrix products in single precision, for speed; logarithms and sums in double, so that the line search sees small gains.
        double Objective(ReadOnlySpan<double> parameters, Span<double> gradient)
        {
            using var callScope = NewDisposeScope();
            var all = tensor(parameters.ToArray(), dtype: ScalarType.Float32).clone(); // as in FeatureScaling.Scaled
            var weights = all.narrow(0, 0, weightCount).view(outputs, train.Size);
            var scores = x.mm(weights.t()).add_(all.narrow(0, weightCount, outputs), one);
            var (mean, error) = loss(scores.to(ScalarType.Float64));
            error.to(ScalarType.Float32).t().mm(x).to(ScalarType.Float64).view(-1).data<double>().CopyTo(gradient);
            error.sum(0L).data<double>().CopyTo(gradient[weightCount..]);
            return mean + scaling.AddPenalty(parameters[..weightCount], gradient);
        }
    }

    /// <summary>A solution as a classifier.</summary>
    public static LinearClassifier ToClassifier(double[] solution, IReadOnlyList<string> classNames)
    {
        float[] all = Array.ConvertAll(solution, p => (float)p);
        int weightCount = all.Length - classNames.Count;
        return new(all[..weightCount], all[weightCount..], classNames);
    }
}
