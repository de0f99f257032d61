using System.Globalization;
using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>
/// Virtual machines may hide the sizes of the caches of AMD processors: CPUID leaf 0x8000001D is then all zeros. oneDNN, which computes libtorch's
/// convolutions, takes that for three levels of one byte each, and its AVX2 and AVX-512 kernels, which cut their work to fit the caches, then read memory
/// that nobody wrote, compute wrong values, divide by zero or write where they must not. This tells it sizes that are near enough.
/// </summary>
internal static unsafe class HiddenCaches
{
    private const int ExtendedCaches = unchecked((int)0x8000001D), FirstLevel = unchecked((int)0x80000005), SecondLevel = unchecked((int)0x80000006);
    private const int Levels = 3, MostLevels = 10, MostCores = 4096;
    private const uint ThirdLevelBytes = 4 << 20; // a core's share; what the old leaf says of it is nonsense on such machines

    /// <summary>Whether this processor's caches are hidden.</summary>
    internal static bool AreHidden => X86Base.X64.IsSupported && IsAmd && X86Base.CpuId(ExtendedCaches, 0).Eax == 0;

    /// <summary>Whether oneDNN was told the sizes.</summary>
    internal static bool AreTold { get; private set; }

    private static bool IsAmd => X86Base.CpuId(0, 0) is { Ebx: 0x68747541, Edx: 0x69746E65, Ecx: 0x444D4163 }; // "AuthenticAMD"

    /// <summary>Tells oneDNN the sizes where they are hidden. libtorch must be loaded.</summary>
    internal static void Tell()
    {
        if (AreTold || !OperatingSystem.IsLinux() || !AreHidden)
        {
            return;
        }
        LeaveOutNnpack();
        LookAtProcessor();
        foreach (var (start, length) in WritableMemory())
        {
            if (Find(new Span<uint>((void*)start, length / sizeof(uint))) is [_, ..] sizes)
            {
                (sizes[0], sizes[1], sizes[2]) = (FirstLevelBytes, SecondLevelBytes, ThirdLevelBytes);
                AreTold = true;
                return;
            }
        }
    }

    // The leaves from before sizes could be told apart by level: kibibytes of data in the highest byte of ECX and in its upper half.
    private static uint FirstLevelBytes => ((uint)X86Base.CpuId(FirstLevel, 0).Ecx >> 24) * 1024 is > 0 and var bytes ? bytes : 32 << 10;

    private static uint SecondLevelBytes => ((uint)X86Base.CpuId(SecondLevel, 0).Ecx >> 16) * 1024 is > 0 and var bytes ? bytes : 512 << 10;

    /// <summary>NNPACK, which libtorch would take for a few convolutions, gives up on such a processor, and libtorch would say so in each of them.</summary>
    private static void LeaveOutNnpack()
    {
        var (context, enable) = (Libtorch.Export("_ZN2at13globalContextEv"), Libtorch.Export("_ZN2at7Context20setUserEnabledNNPACKEb"));
        if (context != 0 && enable != 0)
        {
            ((delegate* unmanaged<nint, byte, void>)enable)(((delegate* unmanaged<nint>)context)(), 0);
        }
    }

    /// <summary>A convolution, for with its first one oneDNN looks at the processor.</summary>
    private static void LookAtProcessor()
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        nn.functional.conv2d(zeros(2, 3, 8, 8), zeros(4, 3, 3, 3));
    }

    /// <summary>
    /// What oneDNN holds of the caches: sizes of ten levels, of which three are 1 and the rest 0, cores that share them, of which three are at least 1 and the
    /// rest 0, and the number of levels. Nothing else looks like these 21 numbers; empty where they are not found.
    /// </summary>
    private static Span<uint> Find(Span<uint> memory)
    {
        ReadOnlySpan<uint> oneByteEach = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
        for (int at = 0, next; (next = memory[at..].IndexOf(oneByteEach)) >= 0; at += next + 1)
        {
            var found = memory[(at + next)..];
            if (found.Length > 2 * MostLevels && found[2 * MostLevels] == Levels && AreCounts(found[MostLevels..(MostLevels + Levels)])
                && !found[(MostLevels + Levels)..(2 * MostLevels)].ContainsAnyExcept(0u))
            {
                return found[..Levels];
            }
        }
        return [];
    }

    private static bool AreCounts(Span<uint> cores) => !cores.ContainsAnyExceptInRange(1u, (uint)MostCores);

    /// <summary>The writable memory of libtorch: mapped from its file, and the nameless stretch behind it.</summary>
    private static IEnumerable<(nint Start, int Length)> WritableMemory()
    {
        string library = "/" + Libtorch.FileNameOf("torch_cpu");
        bool isBehind = false;
        foreach (string line in File.ReadAllLines("/proc/self/maps")) // 7f12-7f34 rw-p offset device inode [name]
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            bool isLibrary = line.EndsWith(library, StringComparison.Ordinal);
            if (fields[1].StartsWith("rw", StringComparison.Ordinal) && (isLibrary || isBehind && fields.Length == 5))
            {
                long[] ends = Array.ConvertAll(fields[0].Split('-'), end => long.Parse(end, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                yield return ((nint)ends[0], (int)Math.Min(int.MaxValue, ends[1] - ends[0]));
            }
            isBehind = isLibrary;
        }
    }
}
