using static TorchSharp.torch;

namespace ByolSharp.Training;

/// <summary>
/// Some training samples with fixed views, on which a training is scored without labels. Which samples and which views depends on the seed
/// alone, so scores of different steps differ by the network and not by what it was shown; the training sees nothing of it.
/// </summary>
public sealed class ScoringSet
{
    /// <summary>Views of a sample: two of T and two of T'. LiDAR wants several, and each is a forward pass.</summary>
    public const int ViewCount = 4;

    private const int Part = 64; // samples a forward pass: bounds the memory
    private const long FirstEpoch = long.MaxValue - ViewCount; // views of epochs that no training reaches
    private readonly IViewSource _views;
    private readonly int[] _samples;

    /// <summary>Chooses the samples.</summary>
    /// <param name="views">Where views come from.</param>
    /// <param name="count">Samples, 2 or more; all where there are fewer.</param>
    /// <param name="seed">Seed of the choice.</param>
    public ScoringSet(IViewSource views, int count, long seed)
    {
        _views = views;
        int[] all = [.. Enumerable.Range(0, views.Count)];
        new SampleRandom(seed, FirstEpoch).Shuffle<int>(all);
        _samples = all[..Math.Min(count, all.Length)];
    }

    /// <summary>Scores the online network as evaluation uses it, with running statistics; nothing in the state changes.</summary>
    public LabelFreeScores Measure(TrainState state)
    {
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        using var slot = new BatchSlot(_views, Math.Min(Part, _samples.Length), pinned: false);
        List<Tensor>[] representations = [.. Enumerable.Range(0, ViewCount).Select(_ => new List<Tensor>())];
        List<Tensor>[] projections = [.. Enumerable.Range(0, ViewCount).Select(_ => new List<Tensor>())];
        state.Byol.Online.eval();
        try
        {
            foreach (int[] part in _samples.Chunk(Part))
            {
                for (int view = 0; view < ViewCount; view++)
                {
                    if (view % 2 == 0)
                    {
                        long epoch = FirstEpoch + view;
                        Parallel.For(0, part.Length, i => slot.Fill(epoch, part[i], i));
                    }
                    var (y, z) = state.Represent(slot.Batch, view % 2, part.Length);
                    representations[view].Add(y);
                    projections[view].Add(z);
                }
            }
        }
        finally
        {
            state.Byol.train();
        }
        return new(ViewScores.Measure(Joined(representations)), ViewScores.Measure(Joined(projections)));
    }

    private static Tensor[] Joined(List<Tensor>[] parts) => [.. parts.Select(p => cat(p).to(ScalarType.Float64, CPU))];
}
