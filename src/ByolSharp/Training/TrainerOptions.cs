namespace ByolSharp.Training;

/// <summary>Options of the training loop.</summary>
public sealed record TrainerOptions
{
    /// <summary>Samples a step over all replicas, 2 or more. Paper: 4096.</summary>
    public int BatchSize { get; init; } = 4096;

    /// <summary>
    /// Parts into which a step's batch is cut; gradients are averaged and the target is updated once a step (paper, section 5).
    /// Batch norm sees one part at a time. Must divide the batch size.
    /// </summary>
    public int AccumulationSteps { get; init; } = 1;

    /// <summary>Length of the training; a wall-clock time is measured in the first steps and then fixed. Paper: 1000 epochs.</summary>
    public Duration Duration { get; init; } = Duration.OfEpochs(1000);

    /// <summary>Steps that a wall-clock duration came to; 0 until it is measured. A run writes it so that resuming keeps the schedules.</summary>
    public long MeasuredSteps { get; init; }

    /// <summary>Time between checkpoints; one is always saved at the end and on interruption. Seconds are allowed.</summary>
    public Duration CheckpointEvery { get; init; } = new(300, DurationUnit.Seconds);

    /// <summary>Checkpoints kept besides the best, 1 or more.</summary>
    public int KeepCheckpoints { get; init; } = 2;

    /// <summary>Steps between lines of metrics.jsonl.</summary>
    public Duration LogEvery { get; init; } = Duration.OfSteps(10);

    /// <summary>Time between kNN evaluations where evaluation data are given; "0steps" is never.</summary>
    public Duration EvaluateEvery { get; init; } = new(20, DurationUnit.Percent);

    /// <summary>Most training samples that the online kNN looks at, 1 or more; the first ones of a seeded shuffle.</summary>
    public int EvaluationSamples { get; init; } = 5000;

    /// <summary>
    /// Time between scores without labels (docs/choosing.md), in steps, epochs or per cent; "0steps" is never. One costs about a step of 128
    /// samples.
    /// </summary>
    public Duration ScoreEvery { get; init; } = Duration.OfSteps(200);

    /// <summary>Training samples that are scored, 2 or more, each with four views; a rank above it cannot be seen. LiDAR's paper: 1000.</summary>
    public int ScoreSamples { get; init; } = 256;

    /// <summary>What decides which checkpoint is kept as "best".</summary>
    public BestBy BestBy { get; init; } = BestBy.Auto;

    /// <summary>
    /// Ends the training once the score of <see cref="BestBy"/> has not got better for so long, in steps, epochs or per cent; "0steps" (default; paper)
    /// never does. The learning rate has then not come to its end, which usually costs accuracy.
    /// </summary>
    public Duration StopAfter { get; init; } = Duration.OfSteps(0);

    /// <summary>Train a linear classifier beside the encoder where the training data have labels; no label reaches the encoder.</summary>
    public bool OnlineClassifier { get; init; } = true;

    /// <summary>What happens when the collapse guard says collapsed or diverging.</summary>
    public OnCollapse OnCollapse { get; init; } = OnCollapse.Warn;

    /// <summary>Write TensorBoard events beside metrics.jsonl.</summary>
    public bool TensorBoard { get; init; } = true;

    /// <summary>
    /// In what numbers the forward passes multiply: float32 (default; paper) or bfloat16, which GPUs since 2020 have units for. Parameters, gradients,
    /// momentum, target and loss are float32 either way. On processors with bf16 instructions (avx512_bf16) ResNet-20 trains 1.5 times as fast with it;
    /// others are about a hundred times slower.
    /// </summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Compute threads; 0 uses the cores that are really available.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// On a CPU, computes the two views at the same time with half of the threads each, which is faster and keeps more of its speed beside
    /// other programs. Networks of this library only, an even number of threads, no accumulation. Default true.
    /// </summary>
    public bool ParallelViews { get; init; } = true;

    /// <summary>Throws where a value is outside its range.</summary>
    public void Validate()
    {
        OptionCheck.AtLeast("trainer.batchSize", BatchSize, 2);
        OptionCheck.AtLeast("trainer.accumulationSteps", AccumulationSteps, 1);
        OptionCheck.AtLeast("trainer.keepCheckpoints", KeepCheckpoints, 1);
        OptionCheck.AtLeast("trainer.evaluationSamples", EvaluationSamples, 1);
        OptionCheck.AtLeast("trainer.scoreSamples", ScoreSamples, 2);
        OptionCheck.Range("trainer.threads", Threads, 0, 1024);
        if (BatchSize % AccumulationSteps != 0 || BatchSize / AccumulationSteps < 2)
        {
            throw new ConfigurationException(
                $"trainer.accumulationSteps is {AccumulationSteps}; it must cut trainer.batchSize ({BatchSize}) into equal parts of at least 2 samples.");
        }
        if (Duration.Unit == DurationUnit.Percent)
        {
            throw new ConfigurationException($"trainer.duration is {Duration}; give it in steps, epochs or time.");
        }
        RefuseSeconds("trainer.scoreEvery", ScoreEvery);
        RefuseSeconds("trainer.stopAfter", StopAfter);
        if (BestBy is not (BestBy.Auto or BestBy.Knn) && ScoreEvery.Value == 0)
        {
            throw new ConfigurationException($"trainer.bestBy = {BestBy} needs scores, and trainer.scoreEvery = {ScoreEvery} switches them off: give it a time.");
        }
    }

    /// <summary>Which checkpoint is best, and when a run stops, must not depend on how fast the machine is.</summary>
    private static void RefuseSeconds(string key, Duration duration)
    {
        if (duration.Unit == DurationUnit.Seconds)
        {
            throw new ConfigurationException($"{key} is {duration}; give it in steps, epochs or %.");
        }
    }
}
