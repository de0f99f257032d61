using System.IO.Hashing;
using System.Runtime.InteropServices;
using ByolSharp.Images;
using ByolSharp.Text;

namespace ByolSharp.Sources;

/// <summary>A short text that changes when a data set does, so that results can be kept beside what they came from.</summary>
public static class DataFingerprint
{
    /// <summary>
    /// Of all names, labels and states of files, in order; of texts, and of pixels that are in memory anyway, also themselves. Other files that were touched count as
    /// changed. Asks for the length and time of every file.
    /// </summary>
    public static string Of(Dataset data)
    {
        var hash = new XxHash128();
        for (int i = 0; i < data.Count; i++)
        {
            Append(hash, $"{data.NameOf(i)}\n{data.LabelOf(i)}\n{data.IdentityOf(i)}\n");
            AppendSample(hash, data, i);
        }
        Append(hash, string.Join('\n', data.ClassNames));
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static void AppendSample(XxHash128 hash, Dataset data, int index)
    {
        if (data is ImageDataset { IsInMemory: true } images)
        {
            hash.Append(images.Read(index).Raw);
        }
        else if (data is TextDataset texts)
        {
            try
            {
                Append(hash, texts.Read(index).Text);
            }
            catch (UnreadableSampleException)
            {
                // as unreadable as the next time
            }
        }
    }

    private static void Append(XxHash128 hash, string text) => hash.Append(MemoryMarshal.AsBytes(text.AsSpan()));
}
