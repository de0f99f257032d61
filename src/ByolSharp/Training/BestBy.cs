namespace ByolSharp.Training;

/// <summary>What decides which checkpoint is kept as "best", and with trainer.stopAfter when a training ends. More is better in each.</summary>
public enum BestBy
{
    /// <summary>Online kNN accuracy where evaluation data are given, else <see cref="ViewRetrieval"/>.</summary>
    Auto,

    /// <summary>Online kNN accuracy, which needs labelled evaluation data.</summary>
    Knn,

    /// <summary>Share of views whose representation finds the other view of their sample, <see cref="Training.ViewRetrieval"/>.</summary>
    ViewRetrieval,

    /// <summary>LiDAR of the representations, <see cref="Training.Lidar"/>.</summary>
    Lidar,

    /// <summary>RankMe of the representations, <see cref="Training.RankMe"/>.</summary>
    RankMe,
}
