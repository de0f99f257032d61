using static TorchSharp.torch;

namespace ByolSharp.Tests.Reference;

/// <summary>
/// BERT's forward pass as its paper and "Attention is all you need" write it down, in double precision with loops over arrays: it shares nothing with the
/// encoder but the weights, which it takes by Hugging Face's names.
/// </summary>
internal sealed class PlainBert(nn.Module encoder, int layers, int heads, double epsilon)
{
    private readonly Dictionary<string, double[]> _weights = encoder.state_dict()
        .ToDictionary(entry => entry.Key, entry => Array.ConvertAll(entry.Value.detach().contiguous().data<float>().ToArray(), x => (double)x));

    /// <summary>The last layer's tokens of one text, [tokens][width].</summary>
    public double[][] Encode(int[] ids)
    {
        int width = _weights["embeddings.LayerNorm.weight"].Length;
        double[] words = _weights["embeddings.word_embeddings.weight"], positions = _weights["embeddings.position_embeddings.weight"];
        double[] types = _weights["embeddings.token_type_embeddings.weight"];
        double[][] tokens = [.. ids.Select((id, t) => Enumerable.Range(0, width).Select(i => words[id * width + i] + positions[t * width + i] + types[i]).ToArray())];
        tokens = Normalised(tokens, "embeddings.LayerNorm");
        for (int layer = 0; layer < layers; layer++)
        {
            string name = $"encoder.layer.{layer}.";
            tokens = Normalised(Sum(tokens, Linear(Attention(tokens, name), name + "attention.output.dense")), name + "attention.output.LayerNorm");
            double[][] inner = [.. Linear(tokens, name + "intermediate.dense").Select(row => Array.ConvertAll(row, Gelu))];
            tokens = Normalised(Sum(tokens, Linear(inner, name + "output.dense")), name + "output.LayerNorm");
        }
        return tokens;
    }

    private double[][] Attention(double[][] tokens, string layer)
    {
        double[][] q = Linear(tokens, layer + "attention.self.query"), k = Linear(tokens, layer + "attention.self.key"), v = Linear(tokens, layer + "attention.self.value");
        int width = q[0].Length, size = width / heads;
        double[][] mixed = [.. tokens.Select(_ => new double[width])];
        for (int head = 0; head < heads; head++)
        {
            var part = Enumerable.Range(head * size, size).ToArray();
            for (int to = 0; to < tokens.Length; to++)
            {
                double[] shares = [.. k.Select(key => Math.Exp(part.Sum(i => q[to][i] * key[i]) / Math.Sqrt(size)))];
                double all = shares.Sum();
                foreach (int i in part)
                {
                    mixed[to][i] = shares.Zip(v, (share, value) => share / all * value[i]).Sum();
                }
            }
        }
        return mixed;
    }

    private double[][] Linear(double[][] rows, string name)
    {
        double[] weight = _weights[name + ".weight"], bias = _weights[name + ".bias"];
        return [.. rows.Select(row => bias.Select((b, o) => b + row.Select((x, i) => x * weight[o * row.Length + i]).Sum()).ToArray())];
    }

    private double[][] Normalised(double[][] rows, string name)
    {
        double[] scale = _weights[name + ".weight"], offset = _weights[name + ".bias"];
        return [.. rows.Select(row =>
        {
            double mean = row.Average(), variance = row.Average(x => (x - mean) * (x - mean));
            return row.Select((x, i) => (x - mean) / Math.Sqrt(variance + epsilon) * scale[i] + offset[i]).ToArray();
        })];
    }

    private static double[][] Sum(double[][] a, double[][] b) => [.. a.Zip(b, (x, y) => x.Zip(y, (u, v) => u + v).ToArray())];

    /// <summary>x times the normal distribution function, whose integral is summed up by Simpson's rule.</summary>
    private static double Gelu(double x)
    {
        const int parts = 2000;
        double width = x / parts, sum = 0;
        for (int i = 0; i <= parts; i++)
        {
            double weight = i is 0 or parts ? 1 : i % 2 == 1 ? 4 : 2;
            sum += weight * Math.Exp(-0.5 * (i * width) * (i * width));
        }
        return x * (0.5 + sum * width / 3 / Math.Sqrt(2 * Math.PI));
    }
}
