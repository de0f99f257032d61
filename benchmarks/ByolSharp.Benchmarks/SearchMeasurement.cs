using System.Diagnostics;
using System.Globalization;
using ByolSharp.Search;

namespace ByolSharp.Benchmarks;

/// <summary>How long an exact search takes on all cores: generated representations go into an index file, are loaded, and are searched one query at a time.</summary>
internal static class SearchMeasurement
{
    private const int Queries = 200, K = 10, PartSize = 1000;

    internal static void Run(int count, int size)
    {
        string folder = Directory.CreateTempSubdirectory("byol-search-").FullName;
        try
        {
            string file = Path.Combine(folder, "index.db");
            long began = Stopwatch.GetTimestamp();
            Fill(file, count, size);
            Print("write", Stopwatch.GetElapsedTime(began));
            using var index = RepresentationIndex.Open(file);
            began = Stopwatch.GetTimestamp();
            var matrix = index.Load();
            Print("load", Stopwatch.GetElapsedTime(began));
            Search(matrix);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Fill(string file, int count, int size)
    {
        using var index = RepresentationIndex.OpenOrCreate(file, new("generated", size));
        var random = new SampleRandom(1);
        foreach (int[] part in Enumerable.Range(0, count).Chunk(PartSize))
        {
            index.Write([.. part.Select(i => new IndexedSample($"{i:D8}") { Representation = Draw(random, size) })]);
        }
    }

    private static void Search(RepresentationMatrix matrix)
    {
        var random = new SampleRandom(2);
        var times = new TimeSpan[Queries];
        float[][] queries = [.. Enumerable.Range(0, Queries).Select(_ => Draw(random, matrix.Size))];
        var processor = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < Queries; i++)
        {
            long began = Stopwatch.GetTimestamp();
            matrix.Nearest(queries[i], K);
            times[i] = Stopwatch.GetElapsedTime(began);
        }
        Print("processor time", (Environment.CpuUsage.TotalTime - processor) / Queries); // of all cores together; neighbours do not count
        Array.Sort(times);
        Print("first quartile", times[Queries / 4]);
        Print("median", times[Queries / 2]);
        Print("99%", times[Queries * 99 / 100]);
        Print("slowest", times[^1]);
    }

    private static float[] Draw(SampleRandom random, int size) => [.. Enumerable.Range(0, size).Select(_ => (float)random.NextNormal())];

    private static void Print(string what, TimeSpan time) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-16} {time.TotalMilliseconds,10:N1} ms"));
}
