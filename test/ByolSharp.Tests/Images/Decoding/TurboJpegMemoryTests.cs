using ByolSharp.Images.Decoding;
using ByolSharp.Tests.Training;

namespace ByolSharp.Tests.Images.Decoding;

/// <summary>Looks at the memory of the whole process, so nothing runs beside it.</summary>
[Collection(nameof(WholeProcess))]
public sealed class TurboJpegMemoryTests
{
    [Fact]
    public void Many_files_good_and_bad_leave_no_memory_behind_and_cost_no_more_than_their_pixels()
    {
        Assert.SkipUnless(TurboJpegDecoder.IsUsable, "libturbojpeg is not installed, or decodes otherwise than Skia");
        const int count = 100_000, objectsAnImage = 100;
        const long decompressors = 4_300L * count; // unused ones; those that have decoded are larger
        byte[] whole = Pictures.Jpeg(8, 8);
        byte[][] files = [whole, whole, whole, DamagedJpegs.WithoutTables(whole), DamagedJpegs.WithInterruptedScan(whole)];
        EncodedImage facts = EncodedImage.Inspect(whole);
        Assert.Equal([true, true, true, false, false], files.Select(file => TurboJpegDecoder.TryDecode(file, facts, 0) is not null));
        long memory = Environment.WorkingSet, managed = GC.GetAllocatedBytesForCurrentThread();

        for (int i = 0; i < count; i++)
        {
            TurboJpegDecoder.TryDecode(files[i % files.Length], facts, 0);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - managed, 0, (long)count * (8 * 8 * 3 + objectsAnImage));
        Assert.InRange(Environment.WorkingSet - memory, long.MinValue, decompressors / files.Length);
    }
}
