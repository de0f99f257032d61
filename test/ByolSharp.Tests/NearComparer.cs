namespace ByolSharp.Tests;

/// <summary>Equality of numbers up to an absolute tolerance.</summary>
internal sealed class NearComparer(double tolerance) : IEqualityComparer<double>
{
    public bool Equals(double x, double y) => Math.Abs(x - y) <= tolerance;

    public int GetHashCode(double value) => 0;
}
