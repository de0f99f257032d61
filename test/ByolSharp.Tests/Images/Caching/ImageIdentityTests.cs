using System.Formats.Tar;
using ByolSharp.Images;

namespace ByolSharp.Tests.Images.Caching;

/// <summary>What decides the pixels changes the identity, and nothing else does.</summary>
public sealed class ImageIdentityTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public ImageIdentityTests()
    {
        _folder.Write("data/a.png", Pictures.Png(5, 4, 3));
        _folder.Write("data/b.png", Pictures.Png(5, 4, 3));
    }

    private string File_ => _folder.Of("data/a.png");

    [Fact]
    public void A_file_has_the_same_identity_in_a_folder_and_in_a_list_and_another_one_than_its_neighbour()
    {
        string list = _folder.Write("list.txt", "data/a.png\ndata/missing.png\n");

        Assert.Equal(Identity(_folder.Of("data")), Identity(list));
        Assert.NotEqual(Identity(_folder.Of("data"), 0), Identity(_folder.Of("data"), 1));
        Assert.Null(Identity(list, 1));
    }

    [Fact]
    public void A_file_written_anew_has_another_identity_even_at_the_same_length()
    {
        string? before = Identity(_folder.Of("data"));
        File.SetLastWriteTimeUtc(File_, File.GetLastWriteTimeUtc(File_).AddTicks(1000));
        string? touched = Identity(_folder.Of("data"));
        var time = File.GetLastWriteTimeUtc(File_);
        File.AppendAllText(File_, " ");
        File.SetLastWriteTimeUtc(File_, time);

        Assert.Equal(3, new[] { before, touched, Identity(_folder.Of("data")) }.Distinct().Count());
    }

    [Fact]
    public void A_link_is_identified_by_what_it_leads_to()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need rights on Windows");
        Directory.CreateDirectory(_folder.Of("links"));
        File.CreateSymbolicLink(_folder.Of("links/x.png"), File_);

        Assert.Equal(Identity(_folder.Of("data")), Identity(_folder.Of("links")));
    }

    [Fact]
    public void The_largest_image_allowed_and_the_size_that_is_decoded_are_parts_of_the_identity()
    {
        Assert.NotEqual(Identity(_folder.Of("data")), Identity(_folder.Of("data"), options: new() { MaxPixels = 10 }));
        Assert.NotEqual(Identity(_folder.Of("data")), Identity(_folder.Of("data"), options: new() { DecodeShortSide = 10 }));
    }

    [Fact]
    public void A_member_of_a_tar_is_identified_by_its_place_in_that_state_of_the_shard()
    {
        string tar = _folder.Of("data.tar");
        TarFile.CreateFromDirectory(_folder.Of("data"), tar, includeBaseDirectory: true);
        string? before = Identity(tar), neighbour = Identity(tar, 1);
        File.SetLastWriteTimeUtc(tar, new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        Assert.Equal(3, new[] { before, neighbour, Identity(tar) }.Distinct().Count());
    }

    public void Dispose() => _folder.Dispose();

    private static string? Identity(string path, int index = 0, ImageSourceOptions? options = null)
    {
        using ImageDataset data = ImageSources.Open(path, options);
        return data.IdentityOf(index);
    }
}
