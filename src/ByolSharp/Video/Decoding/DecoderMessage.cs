namespace ByolSharp.Video.Decoding;

/// <summary>What ffmpeg says of a file, without the file's name and the decoder's address, which differ from run to run.</summary>
internal static class DecoderMessage
{
    internal static string Of(string source, string message)
    {
        int end = message.StartsWith('[') ? message.IndexOf(']') + 1 : 0;
        string text = message[end..].Replace(source, "", StringComparison.Ordinal).Trim(' ', ':');
        return text.Length == 0 ? "cannot be decoded" : $"cannot be decoded: {text}";
    }
}
