using System.IO.Hashing;
using System.Text;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>How weights start.</summary>
public enum InitializationScheme
{
    /// <summary>
    /// As in the authors' code (Haiku's default): weights from a normal distribution with standard deviation 1/sqrt(fan in), cut at two
    /// of them (what is left deviates by 0.8796/sqrt(fan in)); biases 0. Vision transformers: <see cref="Xavier"/>.
    /// </summary>
    Official,

    /// <summary>PyTorch's default: weights and biases uniform in +-1/sqrt(fan in).</summary>
    Torch,

    /// <summary>torchvision's ResNets: convolutions normal with variance 2/(fan out) (He et al. 2015), linear layers as <see cref="Torch"/>.</summary>
    Kaiming,

    /// <summary>MoCo v3's transformers: weights uniform with variance 2/(fan in + fan out) (Glorot and Bengio 2010), biases 0.</summary>
    Xavier,

    /// <summary>BERT's: weights normal with deviation 0.02, cut at two of them, biases 0 (Devlin et al. 2019).</summary>
    Bert,
}

/// <summary>Draws the initial weights of a module.</summary>
/// <remarks>
/// Every parameter has a random stream of its own, made from the seed and its name: a weight is the same whatever else drew random
/// numbers before, whatever its layout in memory and the number of threads.
/// </remarks>
public static class Initialization
{
    /// <summary>Standard deviation of a standard normal variable cut at +-2.</summary>
    public const double TruncatedDeviation = 0.87962566103423978;

    private const double Cut = 2;

    /// <summary>
    /// Sets the parameters called <c>weight</c> and <c>bias</c> of a module and of all inside it, in place: two or more dimensions by the scheme,
    /// one dimension (normalisation layers) to 1, their biases to 0. Parameters of other names stay as they are.
    /// </summary>
    /// <param name="module">A network, a head or one layer.</param>
    /// <param name="scheme">The distribution.</param>
    /// <param name="seed">Equal seeds give equal weights.</param>
    /// <param name="scope">Put before all names; networks that share a seed and layer names differ by it.</param>
    public static void Apply(nn.Module module, InitializationScheme scheme, long seed, string scope = "")
    {
        using IDisposable noGradients = no_grad();
        Dictionary<string, Parameter> parameters = module.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        foreach ((string name, Parameter parameter) in parameters)
        {
            string owner = name[..(name.LastIndexOf('.') + 1)];
            bool isBias = name == owner + "bias";
            if ((!isBias && name != owner + "weight") || !parameters.TryGetValue(owner + "weight", out Parameter? weight))
            {
                continue;
            }
            if (weight.dim() < 2)
            {
                using Scalar all = isBias ? 0 : 1;
                parameter.fill_(all);
                continue;
            }
            var stream = new SampleRandom(seed, (long)XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(scope + name)));
            float[] values = Draw(parameter.numel(), Distribution(scheme, isBias, owner, weight.shape), stream);
            using Tensor drawn = frombuffer(values, ScalarType.Float32), shaped = drawn.view(parameter.shape);
            parameter.copy_(shaped);
        }
    }

    /// <summary>Draws from a standard normal distribution cut at +-2 standard deviations.</summary>
    public static double TruncatedNormal(ref SampleRandom random)
    {
        while (true)
        {
            double x = random.NextNormal();
            if (Math.Abs(x) <= Cut)
            {
                return x;
            }
        }
    }

    /// <summary>How one value is drawn.</summary>
    private delegate double Draws(ref SampleRandom random);

    private static Draws Distribution(InitializationScheme scheme, bool isBias, string owner, long[] weightShape)
    {
        double receptive = weightShape.Skip(2).Aggregate(1.0, (product, extent) => product * extent);
        double fanIn = weightShape[1] * receptive, fanOut = weightShape[0] * receptive;
        if (owner.EndsWith("qkv.", StringComparison.Ordinal))
        {
            fanOut /= 3; // query, key and value are three matrices in one
        }
        return scheme switch
        {
            InitializationScheme.Official when !isBias => Truncated(1 / Math.Sqrt(fanIn)),
            InitializationScheme.Kaiming when !isBias && weightShape.Length > 2 => Normal(Math.Sqrt(2 / fanOut)),
            InitializationScheme.Bert when !isBias => Truncated(0.02),
            InitializationScheme.Xavier when !isBias => Uniform(Math.Sqrt(6 / (fanIn + fanOut))),
            InitializationScheme.Official or InitializationScheme.Xavier or InitializationScheme.Bert => Uniform(0),
            _ => Uniform(1 / Math.Sqrt(fanIn)),
        };
    }

    private static Draws Truncated(double deviation) => (ref random) => deviation * TruncatedNormal(ref random);

    private static Draws Normal(double deviation) => (ref random) => deviation * random.NextNormal();

    private static Draws Uniform(double bound) => (ref random) => random.NextDouble(-bound, bound);

    private static float[] Draw(long count, Draws draws, SampleRandom random)
    {
        var values = new float[count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)draws(ref random);
        }
        return values;
    }
}
