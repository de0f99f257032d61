namespace ByolSharp.Images;

/// <summary>The kernels that <see cref="AxisWeights"/> knows; evaluation uses the first.</summary>
internal enum Interpolation
{
    Bicubic,
    Bilinear,
}
