using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Makes the requirement on GLIBCXX_3.4.32 in a copy of libLibTorchSharp.so weak, so that an older libstdc++ loads it.
/// </summary>
/// <remarks>
/// The only symbol carrying that version is <c>std::ios_base_library_init</c>, which the iostream header names and nothing
/// is relocated against. Setting VER_FLG_WEAK (bit 2 of vna_flags, ELF gABI "Symbol Versioning") changes one byte.
/// </remarks>
public sealed class MendTorchSharpLibrary : Task
{
    private const string RequiredVersion = "GLIBCXX_3.4.32";
    private const ushort VersionFlagWeak = 2;
    private const uint SectionTypeVersionNeeds = 0x6ffffffe;

    public string Library { get; set; } = "";
    public string Mode { get; set; } = "auto";

    public override bool Execute()
    {
        if (Mode == "always" || !SystemHasRequiredVersion())
        {
            Mend();
        }
        return true;
    }

    private void Mend()
    {
        byte[] image = File.ReadAllBytes(Library);
        int flags = FindVersionFlags(image);
        if (flags < 0)
        {
            Log.LogMessage(MessageImportance.Normal, "{0} does not require {1}: nothing to mend.", Library, RequiredVersion);
        }
        else if ((BitConverter.ToUInt16(image, flags) & VersionFlagWeak) == 0)
        {
            image[flags] |= (byte)VersionFlagWeak;
            // Replace rather than write in place: the file may be a hard link into the package cache.
            string fresh = Library + ".new";
            File.WriteAllBytes(fresh, image);
            File.SetLastWriteTimeUtc(fresh, File.GetLastWriteTimeUtc(Library)); // else the next build copies the original again
            File.Delete(Library);
            File.Move(fresh, Library);
            Log.LogMessage(MessageImportance.High, "Mended {0} for a libstdc++ older than GCC 13.", Path.GetFileName(Library));
        }
    }

    private static bool SystemHasRequiredVersion()
    {
        if (Path.DirectorySeparatorChar == '\\')
        {
            return true;
        }
        string environment = Environment.GetEnvironmentVariable("LD_LIBRARY_PATH") ?? "";
        IEnumerable<string> folders = environment.Split(':').Where(f => f.Length > 0)
            .Concat(new[] { "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/usr/lib", "/usr/local/lib64" });
        string found = folders.Select(f => Path.Combine(f, "libstdc++.so.6")).FirstOrDefault(File.Exists);
        return found != null
            && Encoding.ASCII.GetString(File.ReadAllBytes(found)).Contains(RequiredVersion + "\0");
    }

    /// <summary>Offset of vna_flags of the required version's entry in .gnu.version_r, or -1.</summary>
    private static int FindVersionFlags(byte[] image)
    {
        if (image.Length < 64 || image[0] != 0x7f || image[1] != 'E' || image[2] != 'L' || image[3] != 'F' || image[4] != 2)
        {
            return -1;
        }
        long sectionTable = BitConverter.ToInt64(image, 0x28);
        int entrySize = BitConverter.ToUInt16(image, 0x3a);
        int entries = BitConverter.ToUInt16(image, 0x3c);
        for (int i = 0; i < entries; i++)
        {
            int header = (int)(sectionTable + (long)i * entrySize);
            if (BitConverter.ToUInt32(image, header + 4) != SectionTypeVersionNeeds)
            {
                continue;
            }
            int needs = (int)BitConverter.ToInt64(image, header + 0x18);
            int strings = (int)BitConverter.ToInt64(image, (int)(sectionTable + BitConverter.ToUInt32(image, header + 0x28) * (long)entrySize) + 0x18);
            return FindVersionFlags(image, needs, strings);
        }
        return -1;
    }

    private static int FindVersionFlags(byte[] image, int need, int strings)
    {
        while (true)
        {
            int versions = BitConverter.ToUInt16(image, need + 2);
            int auxiliary = need + (int)BitConverter.ToUInt32(image, need + 8);
            for (int i = 0; i < versions; i++)
            {
                int name = strings + (int)BitConverter.ToUInt32(image, auxiliary + 8);
                int end = Array.IndexOf(image, (byte)0, name);
                if (Encoding.ASCII.GetString(image, name, end - name) == RequiredVersion)
                {
                    return auxiliary + 4;
                }
                auxiliary += (int)BitConverter.ToUInt32(image, auxiliary + 12);
            }
            int next = (int)BitConverter.ToUInt32(image, need + 12);
            if (next == 0)
            {
                return -1;
            }
            need += next;
        }
    }
}
