using System.Text.Json.Serialization;

namespace ByolSharp.Evaluation;

/// <summary>How far a fine-tuning is.</summary>
/// <param name="Training">Which training this is, from 1; the last one is on all samples.</param>
/// <param name="Trainings">How many there are.</param>
/// <param name="Step">Steps done of it.</param>
/// <param name="Steps">Steps of it.</param>
public readonly record struct FineTuneProgress(int Training, int Trainings, long Step, long Steps)
{
    /// <summary>The setting and what it reached, at the end of a training that others are compared with.</summary>
    public FineTuneTrial? Finished { get; init; }
}

/// <summary>A setting and what it reached on the held-out part of the training samples.</summary>
/// <param name="Setting">Learning rate, weight decay and length.</param>
/// <param name="ValidationTop1">Share of the held-out samples classified rightly; absent where the training diverged.</param>
public sealed record FineTuneTrial(FineTuneSetting Setting, double? ValidationTop1);

/// <summary>What an encoder reaches once all of its weights may follow the labels.</summary>
public sealed record FineTuneResult : ClassificationResult
{
    internal FineTuneResult(IReadOnlyList<int> ranks, IReadOnlyList<int> labels, int nTrain) : base(ranks, labels, nTrain) { }

    /// <summary>The setting of the last training.</summary>
    public required FineTuneSetting Setting { get; init; }

    /// <summary>Its steps.</summary>
    public required long Steps { get; init; }

    /// <summary>Every setting tried, in order; empty where there was nothing to choose.</summary>
    public required IReadOnlyList<FineTuneTrial> Sweep { get; init; }

    /// <summary>The linear layer on the fine-tuned encoder's representations.</summary>
    [JsonIgnore]
    public required LinearClassifier Classifier { get; init; }
}

/// <summary>
/// Fine-tuning: encoder and linear layer are trained together on labelled samples (paper, 4.2 and 4.3, appendices C.2 and D.3). Settings are
/// chosen on a held-out part of the training samples, the network trained anew on all of them, and the test samples looked at once.
/// </summary>
public static class FineTuning
{
    /// <summary>Fine-tunes an encoder.</summary>
    /// <param name="encoder">Changed in place: fine-tuned, in evaluation mode afterwards. Parameters that it keeps frozen stay as they are.</param>
    /// <param name="train">Training samples with their augmentation; those without a label take no part.</param>
    /// <param name="samples">Which of them to learn from; null: all.</param>
    /// <param name="test">Test samples; unreadable ones are left out.</param>
    /// <param name="options">Absent: <see cref="FineTuneOptions.Quick"/>.</param>
    /// <param name="progress">Told about every step.</param>
    /// <param name="cancellation">Stops between steps; the encoder is then half trained.</param>
    /// <exception cref="ConfigurationException">An option is out of range.</exception>
    /// <exception cref="UnusableDataException">
    /// A set has no label, the two do not fit together, or there are settings to choose among and each class has one sample only.
    /// </exception>
    /// <exception cref="TrainingStoppedException">The loss is no number; among several settings, with every one of them.</exception>
    public static FineTuneResult Run(
        Backbone encoder, ITrainingSource train, IReadOnlyList<int>? samples, IEvalSource test, FineTuneOptions? options = null,
        IProgress<FineTuneProgress>? progress = null, CancellationToken cancellation = default)
    {
        options ??= FineTuneOptions.Quick;
        options.Validate();
        int[] all = Guard.Labelled(train, samples);
        if (all.Length < 2)
        {
            throw new UnusableDataException("fine-tuning needs at least two labelled samples, which batch norm compares");
        }
        var settings = options.Settings;
        int trainings = settings.Count > 1 ? settings.Count + 1 : 1;
        using var network = new FineTunedNetwork(encoder, train.ClassNames.Count, options.Seed);
        IReadOnlyList<FineTuneTrial> sweep = settings.Count > 1 ? Compare() : [];
        var best = sweep.MaxBy(trial => trial.ValidationTop1)?.Setting ?? settings[0];
        long steps = Train(all, best, trainings);
        var tested = Guard.Aligned(train.ClassNames, Guard.Labelled(Extract(test), "test"));
        var classifier = network.ClassifierFor(train.ClassNames);
        return new(classifier.Ranks(tested), tested.Labels, all.Length) { Setting = best, Steps = steps, Sweep = sweep, Classifier = classifier };

        long Train(int[] part, FineTuneSetting setting, int number) => network.Train(
            train.Augmented(part, options.Seed), setting, options, (step, steps) => progress?.Report(new(number, trainings, step, steps)), cancellation);

        FeatureSet Extract(IEvalSource source) => FeatureExtractor.Extract(encoder, source, cancellation: cancellation).Features;

        List<FineTuneTrial> Compare()
        {
            var (heldOut, rest) = ClassDraw.HoldOut([.. all.Select(train.LabelOf)], options.Seed);
            if (heldOut.Length == 0 || rest.Length < 2)
            {
                throw new UnusableDataException(
                    $"fine-tuning chooses among {settings.Count} settings on held-out samples: give at least two samples a class, or one setting");
            }
            int[] fitted = [.. rest.Select(i => all[i])];
            var validation = new EvalSubset(train, [.. heldOut.Select(i => all[i])]);
            Extract(validation); // held-out samples that cannot be read are an error now, so that later only divergence is
            var trials = new List<FineTuneTrial>();
            foreach (var setting in settings)
            {
                var trial = new FineTuneTrial(setting, Validate(fitted, setting, trials.Count + 1, validation));
                trials.Add(trial);
                progress?.Report(new(trials.Count, trainings, 1, 1) { Finished = trial });
            }
            return trials;
        }

        double? Validate(int[] fitted, FineTuneSetting setting, int number, EvalSubset validation)
        {
            try
            {
                Train(fitted, setting, number);
                return Metrics.TopK(network.ClassifierFor(train.ClassNames).Ranks(Extract(validation)), 1);
            }
            catch (Exception diverged) when (diverged is TrainingStoppedException or UnusableDataException)
            {
                return null; // the largest rates of a grid may diverge, in training or only in the representations after it; the others decide
            }
        }
    }
}
