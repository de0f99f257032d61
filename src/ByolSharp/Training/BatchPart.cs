using ByolSharp.Distributed;

namespace ByolSharp.Training;

/// <summary>
/// The part of each batch that a replica draws. A batch that is computed in several parts one after the other is divided within each, so every such
/// part holds the same samples for any number of replicas.
/// </summary>
/// <param name="Rank">The replica.</param>
/// <param name="Count">Replicas.</param>
/// <param name="AccumulationSteps">Parts one after the other.</param>
internal readonly record struct BatchPart(int Rank, int Count, int AccumulationSteps)
{
    /// <summary>All of it.</summary>
    internal static readonly BatchPart Whole = new(0, 1, 1);

    /// <summary>The part of a replica.</summary>
    /// <exception cref="ConfigurationException">The batch does not divide into parts of at least 2 samples, which batch norm needs.</exception>
    internal static BatchPart Of(IReplicas replicas, TrainerOptions options)
    {
        int parts = replicas.Count * options.AccumulationSteps;
        return options.BatchSize % parts == 0 && options.BatchSize / parts >= 2
            ? new(replicas.Rank, replicas.Count, options.AccumulationSteps)
            : throw new ConfigurationException(
                $"trainer.batchSize is {options.BatchSize}; {replicas.Count} replicas times trainer.accumulationSteps ({options.AccumulationSteps}) must cut it "
                + "into equal parts of at least 2 samples.");
    }

    /// <summary>Samples of the part.</summary>
    internal int Length(int batchSize) => batchSize / Count;

    /// <summary>Where in the batch the part's sample at a position stands.</summary>
    internal int PlaceOf(int position, int batchSize)
    {
        int whole = batchSize / AccumulationSteps, own = whole / Count;
        var (number, place) = Math.DivRem(position, own);
        return number * whole + Rank * own + place;
    }
}
