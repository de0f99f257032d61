using System.Globalization;

namespace ByolSharp;

/// <summary>Range checks whose messages name the key, the value and what would be right.</summary>
internal static class OptionCheck
{
    public static void Range(string key, double value, double low, double high, bool includeLow = true)
    {
        bool inside = (includeLow ? value >= low : value > low) && value <= high;
        if (!inside)
        {
            string from = includeLow ? $"from {Text(low)}" : $"above {Text(low)}";
            throw new ConfigurationException($"{key} = {Text(value)} does not work: give a number {from} to {Text(high)}");
        }
    }

    public static void AtLeast(string key, double value, double low)
    {
        if (!(value >= low && double.IsFinite(value)))
        {
            throw new ConfigurationException($"{key} = {Text(value)} does not work: give a finite number from {Text(low)}");
        }
    }

    public static void Order(string lowKey, double low, string highKey, double high)
    {
        if (low > high)
        {
            throw new ConfigurationException($"{lowKey} = {Text(low)} is above {highKey} = {Text(high)}: give a minimum that is no larger");
        }
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
