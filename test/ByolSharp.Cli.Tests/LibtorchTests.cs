using System.Diagnostics;

namespace ByolSharp.Cli.Tests;

/// <summary>A libtorch of the user's own (BYOL_LIBTORCH): it is used, or one line says why it cannot be.</summary>
public sealed class LibtorchTests : IDisposable
{
    private const int BadUsage = 2, Failed = 1;
    private readonly string _folder = Directory.CreateTempSubdirectory("byol-libtorch-").FullName;

    public LibtorchTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "another libtorch can be named on Linux only");

    [Fact]
    public void A_build_without_libtorch_trains_with_the_one_that_is_named()
    {
        string tool = ToolWithoutLibtorch();

        AssertOneLine(Run(tool, libtorch: null, "doctor"), Failed, "brings none", "BYOL_LIBTORCH");
        var doctor = Run(tool, Libraries("ours"), "doctor", "--json");
        Assert.Equal((0, "2.10.0"), (doctor.ExitCode, (string?)doctor.Json["machine"]!["libtorch"]));
        Assert.EndsWith("libtorch_cpu.so", (string?)doctor.Json["machine"]!["libtorch_path"], StringComparison.Ordinal);
        Assert.True((string?)doctor.Json["jpeg_library"] is "libturbojpeg" or "Skia");
        var training = Run(tool, Libraries("ours"), ["pretrain", "demo:train", .. ByolProcess.Quick(Path.Combine(_folder, "run"))]);
        Assert.True(training.ExitCode == 0, training.Error);
        Assert.True(File.Exists(Path.Combine(_folder, "run", "encoder.safetensors")));
    }

    [Fact]
    public void A_build_with_libtorch_refuses_a_second_one() =>
        AssertOneLine(Run(Path.Combine(AppContext.BaseDirectory, "byol.dll"), Libraries("ours"), "doctor"), Failed, "of its own", "-p:ByolBackend=none");

    [Fact]
    public void A_folder_that_is_not_there_or_holds_no_libtorch_is_named()
    {
        string tool = ToolWithoutLibtorch();

        AssertOneLine(Run(tool, Path.Combine(_folder, "nowhere"), "doctor"), Failed, "nowhere", "does not exist", "torch/lib");
        AssertOneLine(Run(tool, Directory.CreateDirectory(Path.Combine(_folder, "empty")).FullName, "doctor"), Failed, "empty", "libtorch_cpu.so", "torch/lib");
    }

    [Fact]
    public void A_file_that_is_no_library_is_named()
    {
        string junk = Directory.CreateDirectory(Path.Combine(_folder, "junk")).FullName;
        File.WriteAllText(Path.Combine(junk, "libtorch_cpu.so"), "this is no library");

        AssertOneLine(Run(ToolWithoutLibtorch(), junk, "doctor"), Failed, "junk", "does not load");
    }

    [Fact]
    public void A_libtorch_that_does_not_tell_its_release_is_too_old()
    {
        string old = Directory.CreateDirectory(Path.Combine(_folder, "old")).FullName;
        File.Copy(Path.Combine(AppContext.BaseDirectory, "libc10.so"), Path.Combine(old, "libtorch_cpu.so")); // loads, and knows no version

        AssertOneLine(Run(ToolWithoutLibtorch(), old, "doctor"), Failed, "older than 2.9", "2.10");
    }

    [Fact]
    public void A_libtorch_of_another_release_is_refused_before_it_can_crash()
    {
        string other = Directory.CreateDirectory(Path.Combine(_folder, "other")).FullName;
        Compile("unsigned long aoti_torch_abi_version(void) { return 2UL << 56 | 14UL << 48 | 1UL << 40; }", Path.Combine(other, "libtorch_cpu.so"));

        AssertOneLine(Run(ToolWithoutLibtorch(), other, "doctor"), Failed, "libtorch 2.14.1", "2.10 is needed");
    }

    [Fact]
    public void A_libtorch_for_CUDA_without_a_GPU_says_what_to_look_at()
    {
        string libraries = Libraries("gpu"), tool = ToolWithoutLibtorch();
        Compile("int nothing;", Path.Combine(libraries, "libtorch_cuda.so"));
        string[] training = ["pretrain", "demo:train", .. ByolProcess.Quick(Path.Combine(_folder, "run")), "--device", "cuda"];

        Assert.Contains("for CUDA loads", Run(tool, libraries, "doctor").Output, StringComparison.Ordinal);
        AssertOneLine(Run(tool, libraries, training), BadUsage, "no GPU can be used", "nvidia-smi");
        File.WriteAllText(Path.Combine(libraries, "libtorch_cuda.so"), "this is no library");
        AssertOneLine(Run(tool, libraries, training), Failed, "libtorch_cuda.so", "does not load");
    }

    [Theory]
    [InlineData("cuda", "BYOL_LIBTORCH", "-p:ByolBackend=cuda")]
    [InlineData("gpu", "device = gpu", "cuda:N")]
    [InlineData("cuda:first", "device = cuda:first", "cuda:N")]
    public void A_device_that_is_not_there_is_named_with_the_mend(string device, params string[] parts) =>
        AssertOneLine(ByolProcess.Run(["pretrain", "demo:train", .. ByolProcess.Quick(Path.Combine(_folder, "run")), "--device", device]), BadUsage, parts);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void AssertOneLine(Outcome outcome, int exitCode, params string[] parts) => BadInputTests.AssertOneLine(outcome, exitCode, parts);

    private static Outcome Run(string tool, string? libtorch, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [tool, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["BYOL_LIBTORCH"] = libtorch;
        using var process = Process.Start(start)!;
        return ByolProcess.Finish(process);
    }

    /// <summary>The tool as -p:ByolBackend=none builds it: everything but libtorch.</summary>
    private string ToolWithoutLibtorch()
    {
        string tool = Directory.CreateDirectory(Path.Combine(_folder, "tool")).FullName;
        foreach (string file in Directory.GetFiles(AppContext.BaseDirectory).Where(f => !IsLibtorch(f) && !f.EndsWith(".deps.json", StringComparison.Ordinal)))
        {
            File.CreateSymbolicLink(Path.Combine(tool, Path.GetFileName(file)), file);
        }
        foreach (string name in (string[])["byol.dll", "byol.runtimeconfig.json"]) // the host follows these two to where they really are
        {
            File.Delete(Path.Combine(tool, name));
            File.Copy(Path.Combine(AppContext.BaseDirectory, name), Path.Combine(tool, name));
        }
        return Path.Combine(tool, "byol.dll");
    }

    /// <summary>A folder with links to the libtorch of this build.</summary>
    private string Libraries(string name)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        foreach (string file in Directory.GetFiles(AppContext.BaseDirectory).Where(f => IsLibtorch(f) && !File.Exists(Path.Combine(folder, Path.GetFileName(f)))))
        {
            File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(file)), file);
        }
        return folder;
    }

    private static bool IsLibtorch(string file)
    {
        string name = Path.GetFileName(file);
        return name.StartsWith("libtorch", StringComparison.Ordinal) || name.StartsWith("libc10", StringComparison.Ordinal) || name.StartsWith("libgomp", StringComparison.Ordinal);
    }

    /// <summary>Makes a shared library of one line of C; the test is skipped where there is no compiler.</summary>
    private static void Compile(string code, string library)
    {
        string source = Path.ChangeExtension(library, ".c");
        File.WriteAllText(source, code);
        try
        {
            using var compiler = Process.Start("cc", ["-shared", "-fPIC", source, "-o", library]);
            compiler.WaitForExit();
            Assert.Equal(0, compiler.ExitCode);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("there is no C compiler to make a library with");
        }
    }
}
