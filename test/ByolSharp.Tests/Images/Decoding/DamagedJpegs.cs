namespace ByolSharp.Tests.Images.Decoding;

/// <summary>JPEG files with damage of a certain kind.</summary>
internal static class DamagedJpegs
{
    private const byte Marker = 0xFF, QuantisationTables = 0xDB, ApplicationData = 0xE5, StartOfScan = 0xDA, Restart = 0xD3;

    /// <summary>The quantisation tables have become application data.</summary>
    public static byte[] WithoutTables(byte[] whole)
    {
        byte[] damaged = [.. whole];
        for (int at; (at = damaged.AsSpan().IndexOf([Marker, QuantisationTables])) >= 0;)
        {
            damaged[at + 1] = ApplicationData;
        }

        return damaged;
    }

    /// <summary>A restart marker stands where the data of three components begin.</summary>
    public static byte[] WithInterruptedScan(byte[] whole)
    {
        byte[] damaged = [.. whole];
        int data = damaged.AsSpan().LastIndexOf([Marker, StartOfScan]) + 14;
        (damaged[data], damaged[data + 1]) = (Marker, Restart);
        return damaged;
    }
}
