using System.Text;

namespace ByolSharp.Tests.Reference;

/// <summary>
/// Just enough of PyTorch's format before 1.6 for one reference file: five pickles (of which the fourth names each tensor and, right after
/// the name, its storage, and the fifth lists the storages' order), then for every storage its length and its float values.
/// </summary>
internal static class PickledCheckpoint
{
    private const byte UnicodeOpcode = (byte)'X';
    private const string Prefix = "module.";

    public static Dictionary<string, float[]> Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        var names = new List<(string Name, string Storage)>();
        var order = new List<string>();
        string? name = null;
        int position = 0;
        // Every storage is mentioned once with its tensor and once more in the list of the order.
        while (order.Count == 0 || order.Count < names.Count)
        {
            string? text = ReadText(bytes, ref position);
            if (text is null)
            {
                continue;
            }
            if (text.StartsWith(Prefix, StringComparison.Ordinal))
            {
                name = text[Prefix.Length..];
            }
            else if (text.Length > 9 && text.All(char.IsAsciiDigit))
            {
                if (name is not null)
                {
                    names.Add((name, text));
                    name = null;
                }
                else
                {
                    order.Add(text);
                }
            }
        }
        position = Array.IndexOf(bytes, (byte)'.', position) + 1; // the end of the fifth pickle
        var storages = new Dictionary<string, float[]>();
        foreach (string storage in order)
        {
            var values = new float[BitConverter.ToInt64(bytes, position)];
            Buffer.BlockCopy(bytes, position + sizeof(long), values, 0, values.Length * sizeof(float));
            position += sizeof(long) + values.Length * sizeof(float);
            storages.Add(storage, values);
        }
        Assert.Equal(bytes.Length, position);
        return names.ToDictionary(n => n.Name, n => storages[n.Storage]);
    }

    /// <summary>The text at the position, where a text begins there; moves on either way.</summary>
    private static string? ReadText(byte[] bytes, ref int position)
    {
        const int longest = 100;
        if (bytes[position++] != UnicodeOpcode || BitConverter.ToUInt32(bytes, position) is 0 or > longest)
        {
            return null;
        }
        int length = (int)BitConverter.ToUInt32(bytes, position);
        ReadOnlySpan<byte> text = bytes.AsSpan(position + sizeof(uint), length);
        if (text.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
        {
            return null;
        }
        position += sizeof(uint) + length;
        return Encoding.ASCII.GetString(text);
    }
}
