using System.Diagnostics;
using System.Globalization;

namespace ByolSharp.Tests.Fuzzing;

/// <summary>
/// Damaged files are refused in words or read; they neither crash nor hang a reader nor make it take memory out of proportion. A few thousand inputs as
/// a test, as many as wanted with BYOL_FUZZ_INPUTS=1000000 (of each reader) and BYOL_FUZZ_SEED=7; BYOL_FUZZ_ONLY=tar picks one.
/// </summary>
[Collection(nameof(Training.WholeProcess))]
public sealed class ReaderFuzzTests(ITestOutputHelper output)
{
    private const long LargestAllocation = 64L << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1); // a busy machine is no hang

    private static readonly long Inputs = long.Parse(Environment.GetEnvironmentVariable("BYOL_FUZZ_INPUTS") ?? "300", CultureInfo.InvariantCulture);
    private static readonly long Seed = long.Parse(Environment.GetEnvironmentVariable("BYOL_FUZZ_SEED") ?? "1", CultureInfo.InvariantCulture);
    private static readonly string? Only = Environment.GetEnvironmentVariable("BYOL_FUZZ_ONLY");

    [Theory]
    [InlineData("safetensors")]
    [InlineData("pth")]
    [InlineData("tar")]
    [InlineData("idx")]
    [InlineData("cifar")]
    [InlineData("csv")]
    [InlineData("list")]
    [InlineData("options")]
    [InlineData("headers")]
    [InlineData("images")]
    public void A_damaged_file_is_refused_in_words_or_read(string name)
    {
        Assert.SkipUnless(Only is null || Only == name, $"BYOL_FUZZ_ONLY={Only}");
        using var folder = new TempFolder();
        FuzzTarget target = FuzzTarget.All(folder.Path).Single(t => t.Name == name);
        string path = folder.Of(target.FileName);
        long read = 0, refused = 0, largest = 0;
        TimeSpan longest = TimeSpan.Zero;
        for (long number = 0; number < Inputs; number++)
        {
            byte[] input = Mutations.Make(target.Corpus, Seed, number);
            File.WriteAllBytes(path, input);
            long before = GC.GetAllocatedBytesForCurrentThread();
            var clock = Stopwatch.StartNew();
            try
            {
                target.Read(path);
                read++;
            }
            catch (ByolException)
            {
                refused++;
            }
            catch (Exception crash)
            {
                Assert.Fail($"input {number} of seed {Seed}, {Convert.ToBase64String(input[..Math.Min(input.Length, 4096)])}: {crash}");
            }
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < LargestAllocation, $"input {number} of seed {Seed} ({input.Length} bytes) made the reader take {allocated >> 20} MiB");
            Assert.True(clock.Elapsed < Patience, $"input {number} of seed {Seed} took {clock.Elapsed}");
            (largest, longest) = (Math.Max(largest, allocated), clock.Elapsed > longest ? clock.Elapsed : longest);
        }
        Assert.True(refused > 0, "no input was damaged enough to be refused");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {Inputs:N0} inputs, {read:N0} read, {refused:N0} refused; at most {largest >> 10:N0} KiB and {longest.TotalMilliseconds:0} ms; {Environment.WorkingSet >> 20:N0} MiB in the end"));
    }
}
