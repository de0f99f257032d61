using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>Makes views smaller where the network already holds them, for networks that take images of any size.</summary>
internal static class ViewScale
{
    /// <summary>Images at a share of their side, smoothed against aliasing; the same tensor at 1.</summary>
    /// <param name="views">[N, C, H, W].</param>
    /// <param name="ratio">Above 0, at most 1.</param>
    internal static Tensor Apply(Tensor views, double ratio)
    {
        long height = SideOf(views.shape[2], ratio), width = SideOf(views.shape[3], ratio);
        return height == views.shape[2] && width == views.shape[3]
            ? views
            : nn.functional.interpolate(views, [height, width], mode: InterpolationMode.Bilinear, align_corners: false, antialias: true);
    }

    /// <summary>
    /// The share of their side at which views are seen: it grows linearly from the first step to <paramref name="fullFrom"/> (progressive
    /// resizing, as in Tan and Le 2021, arXiv 2104.00298, section 4).
    /// </summary>
    internal static Schedule Growing(double start, long fullFrom) => step => step >= fullFrom ? 1 : start + (1 - start) * step / fullFrom;

    /// <summary>Mean cost of a step that sees growing views, as a share of one at full size: work grows with the number of pixels.</summary>
    /// <param name="start">Share of the side at the first step.</param>
    /// <param name="growing">Share of the steps in which they grow.</param>
    internal static double MeanCost(double start, double growing) => growing * (1 + start + start * start) / 3 + 1 - growing;

    private static long SideOf(long side, double ratio) => Math.Max(1, (long)Math.Round(side * ratio));
}
