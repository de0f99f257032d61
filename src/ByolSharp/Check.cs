using System.Globalization;

namespace ByolSharp;

/// <summary>Range checks of options; a failure names the key, the value and the range.</summary>
internal static class Check
{
    /// <summary>Throws unless low &lt;= value &lt;= high; not a number never passes.</summary>
    public static void InRange(string key, double value, double low, double high)
    {
        if (!(value >= low && value <= high))
        {
            throw new ConfigurationException($"{key} is {Text(value)}; it must be a number from {Text(low)} to {Text(high)}.");
        }
    }

    /// <summary>Throws unless value &gt;= low.</summary>
    public static void AtLeast(string key, double value, double low)
    {
        if (!(value >= low && double.IsFinite(value)))
        {
            throw new ConfigurationException($"{key} is {Text(value)}; it must be a finite number of at least {Text(low)}.");
        }
    }

    private static string Text(double value) => value.ToString("0.########", CultureInfo.InvariantCulture);
}
