namespace ByolSharp.Cli.Tests;

/// <summary>From a look through the data to a training without what should not be in it.</summary>
public sealed class DoctorTests : IDisposable
{
    private const int BadUsage = 2, UnusableData = 3;
    private readonly string _folder = Directory.CreateTempSubdirectory("byol-doctor-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_it_sets_aside_is_left_out_by_pretrain()
    {
        string data = Path.Combine(_folder, "data"), test = Path.Combine(_folder, "test"), list = Path.Combine(_folder, "leave-out.txt"), run = Path.Combine(_folder, "run");
        for (int i = 0; i < 20; i++)
        {
            Save(data, $"{i:D2}.png", new string('a', i + 1)); // the seed of the noise is the length of the path
        }
        File.WriteAllText(Path.Combine(data, "broken.png"), "no image");
        File.Copy(Path.Combine(data, "03.png"), Path.Combine(data, "copy.png"));
        Directory.CreateDirectory(test);
        File.Copy(Path.Combine(data, "07.png"), Path.Combine(test, "seen.png"));

        var found = ByolProcess.Run("doctor", data, test, "--quarantine", list, "--json").Json["data"]!;
        Assert.Equal((21, 1, 1), ((int)found["readable"]!, (int)found["unreadable"]!, (int)found["exactDuplicates"]!["redundant"]!));
        Assert.Equal((1, 3), ((int)found["leakage"]!["exact"]!, (int)found["quarantined"]!));
        Assert.True((double)found["estimate"]!["seconds_per_epoch"]! > 0);
        Assert.Equal(["07.png\tsame pixels as test image seen.png", "broken.png\tnot an image (JPEG, PNG, WebP, GIF, TIFF or BMP)", "copy.png\tsame pixels as 03.png"], File.ReadAllLines(list));

        var trained = ByolProcess.Run(["pretrain", data, .. ByolProcess.Quick(run), "--quarantine", list]);
        Assert.True(trained.ExitCode == 0, trained.Error);
        Assert.Contains($"3 of 22 samples are left out, as {list} says", trained.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(run, "quarantine.txt")));

        var alike = ByolProcess.Run("doctor", data, test, "--run", run, "--similarity", "0.999999", "--json").Json["data"]!["alike"]!;
        Assert.True((int)alike["pairs"]! >= 1);
        Assert.True((int)alike["leaked"]! >= 1);
    }

    [Fact]
    public void A_list_that_does_not_fit_is_one_line()
    {
        string data = NoiseImages.Write(Path.Combine(_folder, "data")), list = Path.Combine(_folder, "other.txt"), all = Path.Combine(_folder, "all.txt");
        File.WriteAllText(list, "elsewhere/x.png\tempty file\n");
        File.WriteAllLines(all, Directory.GetFiles(data).Select(f => Path.GetFileName(f)));
        string[] pretrain = ["pretrain", data, .. ByolProcess.Quick(Path.Combine(_folder, "run")), "--overwrite", "--quarantine"];

        BadInputTests.AssertOneLine(ByolProcess.Run([.. pretrain, list]), UnusableData, "names like 'elsewhere/x.png'", "image000.png");
        BadInputTests.AssertOneLine(ByolProcess.Run([.. pretrain, all]), UnusableData, "names all 16 samples");
        BadInputTests.AssertOneLine(ByolProcess.Run([.. pretrain, "nowhere.txt"]), BadUsage, "there is no file nowhere.txt", "--quarantine FILE");
    }

    private static void Save(string folder, string name, string salt)
    {
        Directory.CreateDirectory(folder);
        string salted = Path.Combine(folder, salt + ".tmp");
        NoiseImages.Save(salted, 20, 20, SkiaSharp.SKColorType.Rgba8888, SkiaSharp.SKEncodedImageFormat.Png);
        File.Move(salted, Path.Combine(folder, name));
    }
}
