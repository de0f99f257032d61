using static TorchSharp.torch;

namespace ByolSharp.Tests.Text;

/// <summary>Views of texts as the encoders take them.</summary>
internal static class TextViewsOf
{
    /// <summary>[texts, 1 + length]: the key, then tokens plus one, a hidden one below zero, zeros behind the end.</summary>
    public static Tensor Tokens(int length, float key, params int[][] texts)
    {
        var values = new float[texts.Length * (1 + length)];
        for (int i = 0; i < texts.Length; i++)
        {
            values[i * (1 + length)] = key;
            for (int t = 0; t < texts[i].Length; t++)
            {
                int token = texts[i][t];
                values[i * (1 + length) + 1 + t] = token >= 0 ? token + 1 : token - 1; // hidden token n is written as -n
            }
        }
        return tensor(values, [texts.Length, 1 + length]);
    }
}
