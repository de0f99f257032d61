using ByolSharp.Images.Backbones;
using ByolSharp.Text.Backbones;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ByolSharp.Text.LanguageModelling;

/// <summary>
/// BERT's head for tokens (Devlin et al. 2019): a dense layer, GELU, a layer normalisation, and a score for each token of the vocabulary, by weights of its own
/// or, where tied, by the encoder's table of tokens.
/// </summary>
internal sealed class TokenHead : NamedParts
{
    private readonly Linear _dense;
    private readonly LayerNorm _norm;
    private readonly Linear? _decoder;
    private readonly Parameter? _bias;

    /// <summary>Makes a head and draws its first weights.</summary>
    /// <param name="encoder">Whose tokens it reads; the head lies on its device.</param>
    /// <param name="vocabulary">Tokens that it scores.</param>
    /// <param name="isTied">Whether it scores by the encoder's table.</param>
    /// <param name="seed">Equal seeds give equal weights.</param>
    internal TokenHead(BertEncoder encoder, int vocabulary, bool isTied, long seed) : base(nameof(TokenHead))
    {
        int width = encoder.PartSize;
        (_dense, _norm) = (nn.Linear(width, width), nn.LayerNorm(width));
        register_module("transform", new Named(("dense", _dense), ("LayerNorm", _norm)));
        if (isTied)
        {
            _bias = new Parameter(zeros(vocabulary));
            register_parameter("bias", _bias);
        }
        else
        {
            _decoder = nn.Linear(width, vocabulary);
            register_module("decoder", _decoder);
        }
        Initialization.Apply(this, InitializationScheme.Bert, seed, "lm.");
        this.to(encoder.Device);
    }

    /// <summary>Not used: a tied head needs the encoder's table.</summary>
    public override Tensor forward(Tensor tokens) => throw new NotSupportedException();

    /// <summary>
    /// Lets the scores start at how often tokens occur, as the biases of unequal classes do in Lin et al. 2017: hundreds of steps would go by on learning that, and
    /// what a short training then gains is gained from the encoder.
    /// </summary>
    /// <param name="logarithms">Of the tokens' probabilities.</param>
    internal void StartAt(float[] logarithms)
    {
        using var gradients = no_grad();
        using var values = tensor(logarithms);
        (_bias ?? _decoder!.bias!).copy_(values);
    }

    /// <summary>Scores of all tokens.</summary>
    /// <param name="tokens">[places, width].</param>
    /// <param name="table">The encoder's, [vocabulary, width]; not looked at where the head is not tied.</param>
    /// <returns>[places, vocabulary].</returns>
    internal Tensor Logits(Tensor tokens, Tensor table)
    {
        var transformed = _norm.call(nn.functional.gelu(_dense.call(tokens)));
        return _decoder is not null ? _decoder.call(transformed) : nn.functional.linear(transformed, table, _bias);
    }
}
