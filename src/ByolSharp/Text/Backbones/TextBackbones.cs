using ByolSharp.Images.Backbones;

namespace ByolSharp.Text.Backbones;

/// <summary>Builds the text backbones by name. Of the options the name, the pooling and the initialisation count.</summary>
public static class TextBackbones
{
    private static readonly (string Name, BertShape Shape)[] Known =
    [
        ("bert-4x128", new(4, 128, 4)),
        ("bert-tiny", new(2, 128, 2)),
        ("bert-mini", new(4, 256, 4)),
        ("bert-small", new(4, 512, 8)),
        ("bert-base", new(12, 768, 12)),
        ("minilm-6x384", new(6, 384, 12)),
        ("roberta-base", new(12, 768, 12) { Positions = TextOptions.MostTokens + 2, FirstPosition = 2, TokenTypes = 1, Epsilon = 1e-5 }),
    ];

    /// <summary>The names that <see cref="Create"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Select(k => k.Name)];

    /// <summary>Builds a backbone and draws its initial weights.</summary>
    /// <param name="options">What to build.</param>
    /// <param name="text">The vocabulary, the token that hides others, and what is dropped; as the tokenizer filled it in.</param>
    /// <param name="seed">Equal seeds give equal weights.</param>
    /// <exception cref="ConfigurationException">The name is unknown.</exception>
    public static BertEncoder Create(BackboneOptions options, TextOptions text, long seed = 0)
    {
        var backbone = Build(options, text);
        Initialization.Apply(backbone, options.Initialization, seed);
        return backbone;
    }

    /// <summary>Builds a backbone with arbitrary weights, for one whose weights are about to be replaced; quicker than <see cref="Create"/>.</summary>
    /// <inheritdoc cref="Create" path="/param|/exception"/>
    public static BertEncoder Build(BackboneOptions options, TextOptions text) => Known.FirstOrDefault(k => k.Name == options.Name).Shape is { } shape
        ? new(options.Name, shape, text, options.Pooling)
        : throw new ConfigurationException($"unknown text backbone '{options.Name}'; known: {string.Join(", ", Names)}");
}
