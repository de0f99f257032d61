namespace ByolSharp.Evaluation.FewLabels;

/// <summary>What a rung stands for when pre-training is judged.</summary>
public enum RungRole
{
    /// <summary>Something to compare with, such as raw pixels, a random encoder or somebody else's.</summary>
    Reference,

    /// <summary>Labels alone: what training without pre-training gives.</summary>
    FromScratch,

    /// <summary>Our pre-trained encoder.</summary>
    Pretrained,
}

/// <summary>A network with the labelled data as it sees them.</summary>
/// <param name="Encoder">In evaluation mode; belongs to this.</param>
/// <param name="Train">Training samples.</param>
/// <param name="Test">Test samples, their classes numbered as those of the training samples.</param>
public sealed record LabelledNetwork(Backbone Encoder, ITrainingSource Train, IEvalSource Test) : IDisposable
{
    /// <inheritdoc />
    public void Dispose() => Encoder.Dispose();
}

/// <summary>One way from images and some labels to a classifier.</summary>
/// <param name="key">Short name for files and programs, such as <c>random</c>.</param>
/// <param name="name">Name for people.</param>
/// <param name="role">What it stands for.</param>
/// <param name="open">Makes the network for a seed.</param>
/// <param name="identity">For a seed, whatever beside labels and data decides what comes out: cells of another identity are not reused.</param>
public abstract class LadderRung(string key, string name, RungRole role, Func<long, LabelledNetwork> open, Func<long, string> identity) : IDisposable
{
    /// <summary>Short name for files and programs.</summary>
    public string Key => key;

    /// <summary>Name for people.</summary>
    public string Name => name;

    /// <summary>What it stands for.</summary>
    public RungRole Role => role;

    /// <summary>What one cell costs, in steps, for progress.</summary>
    public abstract int Steps { get; }

    /// <summary>Beside labels and data, what decides the result.</summary>
    public virtual string IdentityOf(long seed) => identity(seed);

    /// <summary>Trains on some labels and tests.</summary>
    /// <param name="samples">The training samples whose labels may be used.</param>
    /// <param name="seed">The repetition.</param>
    /// <param name="report">Told the steps done.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <returns>Place of the true class for each labelled test sample, 0 for the best, in the order of the test set.</returns>
    public abstract IReadOnlyList<int> Ranks(IReadOnlyList<int> samples, long seed, Action<int> report, CancellationToken cancellation);

    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what is kept from one cell to the next.</summary>
    protected virtual void Dispose(bool disposing) { }

    /// <summary>Makes the network for a seed.</summary>
    protected LabelledNetwork Open(long seed) => open(seed);
}
