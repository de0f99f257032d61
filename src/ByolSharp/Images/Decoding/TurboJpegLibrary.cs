using System.Runtime.InteropServices;

namespace ByolSharp.Images.Decoding;

/// <summary>The system's libturbojpeg, by those functions of its C interface that releases 1.4 to 3 have alike (turbojpeg.h).</summary>
internal static unsafe partial class TurboJpegLibrary
{
    private const string Name = "turbojpeg";

    // The name without a number belongs to development packages, and Homebrew's folder is not searched on Apple processors.
    private static readonly string[] FileNames =
        OperatingSystem.IsWindows() ? ["turbojpeg.dll", "libturbojpeg.dll"]
        : OperatingSystem.IsMacOS() ? ["libturbojpeg.dylib", "/opt/homebrew/lib/libturbojpeg.dylib", "/usr/local/lib/libturbojpeg.dylib"]
        : ["libturbojpeg.so.0", "libturbojpeg.so"];

    private static readonly nint Library = Load();

    /// <summary>Whether the library loads and has all that is used here; nothing else may be called where it does not.</summary>
    public static bool IsPresent { get; } = Library != 0;

    /// <summary>A decompressor, for one thread at a time; 0 where memory is short.</summary>
    [LibraryImport(Name, EntryPoint = "tjInitDecompress")]
    public static partial nint NewDecompressor();

    /// <summary>Reads the header. Subsampling and colour space are TJSAMP and TJCS numbers; 0 if all is well.</summary>
    [LibraryImport(Name, EntryPoint = "tjDecompressHeader3")]
    public static partial int ReadHeader(
        nint decompressor, byte* file, CULong length, out int width, out int height, out int subsampling, out int colourSpace);

    /// <summary>Decodes into rows of <paramref name="pitch"/> bytes, scaled to fit; 0 if there was neither error nor warning.</summary>
    [LibraryImport(Name, EntryPoint = "tjDecompress2")]
    public static partial int Decompress(
        nint decompressor, byte* file, CULong length, byte* pixels, int width, int pitch, int height, int pixelFormat, int flags);

    [LibraryImport(Name, EntryPoint = "tjDestroy")]
    public static partial int Destroy(nint decompressor);

    private static nint Load()
    {
        string[] functions = ["tjInitDecompress", "tjDecompressHeader3", "tjDecompress2", "tjDestroy"];
        foreach (string file in FileNames)
        {
            if (NativeLibrary.TryLoad(file, out nint library))
            {
                if (functions.All(function => NativeLibrary.TryGetExport(library, function, out _)))
                {
                    NativeLibrary.SetDllImportResolver(typeof(TurboJpegLibrary).Assembly, (name, _, _) => name == Name ? library : 0);
                    return library;
                }

                NativeLibrary.Free(library);
            }
        }

        return 0;
    }
}
