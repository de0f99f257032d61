using ByolSharp.Search;

namespace ByolSharp.Cli.Tests;

/// <summary>An index follows its folder, loses nothing when it is killed, and answers.</summary>
public sealed class IndexTests : IDisposable
{
    private const int Images = 12;
    private readonly string _folder = Directory.CreateTempSubdirectory("byol-index-").FullName;

    private string Data => Path.Combine(_folder, "data");

    private string Run => Path.Combine(_folder, "run");

    private string Index => Path.Combine(_folder, "index.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Only_what_is_new_or_changed_is_embedded_again()
    {
        Train();
        AssertUpdate(Update(), embedded: Images, copied: 0, unchanged: 0, removed: 0);
        AssertUpdate(Update(), embedded: 0, copied: 0, unchanged: Images, removed: 0);

        string[] files = [.. Directory.GetFiles(Data, "*.png", SearchOption.AllDirectories).Order()];
        File.SetLastWriteTimeUtc(files[0], DateTime.UtcNow);
        File.Move(files[1], Path.Combine(Data, "class0", "moved.png"));
        NoiseImages.Save(files[2], 33, 20, SkiaSharp.SKColorType.Rgba8888, SkiaSharp.SKEncodedImageFormat.Png);
        File.Delete(files[3]);
        File.WriteAllText(Path.Combine(Data, "class0", "broken.jpg"), "this is no image");
        AssertUpdate(Update(), embedded: 1, copied: 2, unchanged: Images - 4, removed: 2, unreadable: 1);
        AssertUpdate(Update(), embedded: 0, copied: 0, unchanged: Images, removed: 0);

        var fresh = Load(Update("--out", Path.Combine(_folder, "fresh.db")).Json["out"]!.GetValue<string>());
        var kept = Load(Index);
        Assert.Equal(fresh.Names, kept.Names);
        Assert.Equal(fresh.Labels, kept.Labels);
        AssertNear(fresh, kept);
    }

    [Fact]
    public void Killed_in_the_middle_it_keeps_what_it_has_and_goes_on()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent by kill()");
        const int sigKill = 9, many = 1024;
        NoiseImages.Write(Data, many, areDifferent: true);
        string[] arguments = ["index", Data, "--random", "resnet20", "--image-size", "32", "--json"];
        using var process = ByolProcess.Start([.. arguments, "--out", Index]);
        int written = WaitUntilSomeAreWritten(process);
        ByolProcess.Signal(process, sigKill);
        ByolProcess.Finish(process);

        using (var index = RepresentationIndex.Open(Index))
        {
            int kept = index.Known().Count;
            Assert.InRange(kept, written, many - 1);
            written = kept;
        }
        var rest = ByolProcess.Run([.. arguments, "--out", Index]);
        string whole = Path.Combine(_folder, "whole.db");
        var undisturbed = ByolProcess.Run([.. arguments, "--out", whole]);

        Assert.Equal((0, 0), (rest.ExitCode, undisturbed.ExitCode));
        AssertUpdate(rest, embedded: many - written, copied: 0, unchanged: written, removed: 0);
        Assert.Equal(Load(whole).Names, Load(Index).Names);
        AssertNear(Load(whole), Load(Index));
    }

    [Fact]
    public void It_finds_neighbours_duplicates_and_a_diverse_subset_and_leaves_as_Parquet()
    {
        Train();
        Update();
        string image = Directory.GetFiles(Data, "*.png", SearchOption.AllDirectories).Order().First();
        string name = Path.GetRelativePath(Data, image), list = Path.Combine(_folder, "list.txt"), parquet = Path.Combine(_folder, "e.parquet");

        var byFile = ByolProcess.Run("search", Index, image, "--k", "3", "--json").Json["queries"]![0]!["neighbours"]!.AsArray();
        var byName = ByolProcess.Run("search", Index, "--name", name, "--k", "3", "--json").Json["queries"]![0]!["neighbours"]!.AsArray();
        var alike = ByolProcess.Run("search", Index, "--duplicates", "--similarity", "0.01", "--out", list, "--json").Json;
        int redundant = File.ReadLines(list).Count();
        var diverse = ByolProcess.Run("search", Index, "--diverse", "5", "--out", list, "--json").Json;
        var export = ByolProcess.Run("search", Index, "--export", parquet, "--json").Json;

        Assert.Equal(3, byFile.Count);
        Assert.Equal((name, "class0"), (byFile[0]!["name"]!.GetValue<string>(), byFile[0]!["label"]!.GetValue<string>()));
        Assert.Equal(1, byFile[0]!["similarity"]!.GetValue<float>(), 1e-5f);
        Assert.DoesNotContain(byName, n => n!["name"]!.GetValue<string>() == name);
        Assert.Equal(byFile[1]!["name"]!.GetValue<string>(), byName[0]!["name"]!.GetValue<string>());
        Assert.Equal(redundant, alike["redundant"]!.GetValue<int>());
        Assert.InRange(redundant, 1, Images - 1);
        Assert.Equal(diverse["names"]!.AsArray().Select(n => n!.GetValue<string>()), File.ReadLines(list));
        Assert.Equal(5, File.ReadLines(list).Distinct().Count());
        Assert.Equal(Images, export["count"]!.GetValue<int>());
        Assert.Equal("PAR1"u8, File.ReadAllBytes(parquet).AsSpan(0, 4));
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        Train();
        Update();
        string other = Path.Combine(_folder, "other"), name = "class0/image000.png";
        NoiseImages.Write(other, 3);
        string text = Path.Combine(_folder, "text.db");
        File.WriteAllText(text, "this is no database");

        BadInputTests.AssertOneLine(ByolProcess.Run("index", other, "--run", Run, "--out", Index), 2, "other data", name);
        BadInputTests.AssertOneLine(ByolProcess.Run("index", Data, "--random", "resnet8", "--image-size", "16", "--out", Index), 2, "another encoder", "run");
        BadInputTests.AssertOneLine(ByolProcess.Run("search", Index, Path.Combine(Data, name), "--run", Run, "--image-size", "20"), 2, "is not the encoder");
        BadInputTests.AssertOneLine(ByolProcess.Run("search", Index, "--name", "class0/image00.png"), 2, $"did you mean '{name}'?");
        BadInputTests.AssertOneLine(ByolProcess.Run("search", Index), 2, "ask for one thing");
        BadInputTests.AssertOneLine(ByolProcess.Run("search", text, "--duplicates"), 2, "text.db", "no index");
        BadInputTests.AssertOneLine(ByolProcess.Run("search", Path.Combine(_folder, "none.db"), "--duplicates"), 2, "none.db");
        BadInputTests.AssertOneLine(ByolProcess.Run("search", Index, Path.Combine(_folder, "none.jpg")), 3, "none.jpg");
    }

    private void Train()
    {
        NoiseImages.Write(Data, Images, classes: 2, areDifferent: true);
        Assert.Equal(0, ByolProcess.Run(["pretrain", Data, .. ByolProcess.Quick(Run)]).ExitCode);
    }

    private Outcome Update(params string[] last) => ByolProcess.Run(["index", Data, "--run", Run, .. last.Length > 0 ? last : ["--out", Index], "--json"]);

    private int WaitUntilSomeAreWritten(System.Diagnostics.Process process)
    {
        while (!process.HasExited)
        {
            try
            {
                using var index = RepresentationIndex.Open(Index);
                if (index.Known().Count is > 0 and int written)
                {
                    return written;
                }
            }
            catch (Exception e) when (e is FileNotFoundException or InvalidDataException)
            {
                // not yet begun
            }
            Thread.Sleep(5);
        }
        return 0;
    }

    private static RepresentationMatrix Load(string path)
    {
        using var index = RepresentationIndex.Open(path);
        return index.Load();
    }

    private static void AssertNear(RepresentationMatrix expected, RepresentationMatrix actual) =>
        Assert.All(expected.Values.ToArray().Zip(actual.Values.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));

    private static void AssertUpdate(Outcome outcome, int embedded, int copied, int unchanged, int removed, int unreadable = 0)
    {
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        int[] counts = [.. ((string[])["embedded", "copied", "unchanged", "removed", "unreadable"]).Select(key => outcome.Json[key]!.GetValue<int>())];
        Assert.Equal([embedded, copied, unchanged, removed, unreadable], counts);
    }
}
