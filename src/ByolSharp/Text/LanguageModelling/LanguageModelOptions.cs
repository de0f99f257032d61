namespace ByolSharp.Text.LanguageModelling;

/// <summary>How an encoder becomes a language model.</summary>
public enum LanguageHead
{
    /// <summary>A head learns to name hidden tokens from what the encoder makes of the others; the encoder stays as it is.</summary>
    Frozen,

    /// <summary>The same with the encoder learning too.</summary>
    Finetune,

    /// <summary>The encoder sees no later token, and with its head learns to name the next one.</summary>
    Causal,
}

/// <summary>Settings of <see cref="LanguageModelEval"/>: the same for every network that is compared.</summary>
public sealed record LanguageModelOptions
{
    /// <summary>What is trained. Default frozen.</summary>
    public LanguageHead Head { get; init; } = LanguageHead.Frozen;

    /// <summary>Length of each training, at least one step, in steps, passes over the training passages, or as time, which becomes steps once. Default 400 steps.</summary>
    public Duration Length { get; init; } = Duration.OfSteps(400);

    /// <summary>Passages a step, 1 to 65,536; no more than there are. Default 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Peak rate of AdamW, above 0, after a tenth of the steps, then a cosine to 0; null: 0.003 for a frozen encoder, 0.001 where it learns too.</summary>
    public double? LearningRate { get; init; }

    /// <summary>
    /// Whether the head's last layer is the encoder's table of tokens (Press and Wolf 2017), as in BERT; null: where the encoder learns too, and with a frozen
    /// encoder not, which has no say in how tokens are told apart then.
    /// </summary>
    public bool? TieDecoder { get; init; }

    /// <summary>Share of a passage's tokens that are asked for, above 0 to 0.9; at least one token. BERT: 0.15.</summary>
    public double MaskShare { get; init; } = 0.15;

    /// <summary>Training texts that are read, at equal distances where there are more, 1 or more. Default 20,000.</summary>
    public int MostTrainTexts { get; init; } = 20_000;

    /// <summary>Test texts that are read, at equal distances where there are more, 1 or more. Default 2,000.</summary>
    public int MostTestTexts { get; init; } = 2_000;

    /// <summary>Test texts whose every token is hidden in turn, 0 for none; a forward pass a token. Default 100.</summary>
    public int PseudoTexts { get; init; } = 100;

    /// <summary>Seed of the head's first weights, of the order of passages and of what is hidden. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary><see cref="LearningRate"/> or what stands for it.</summary>
    internal double Rate => LearningRate ?? (Head == LanguageHead.Frozen ? 3e-3 : 1e-3);

    /// <summary><see cref="TieDecoder"/> or what stands for it.</summary>
    internal bool IsTied => TieDecoder ?? Head != LanguageHead.Frozen;

    /// <summary>Throws where a value is outside its range.</summary>
    /// <exception cref="ConfigurationException">The message names the value and what would be right.</exception>
    public void Validate()
    {
        if (Length.Unit == DurationUnit.Percent || Length.Value <= 0)
        {
            throw new ConfigurationException($"language modelling: {Length} is no length of a training; give steps or a time, above 0");
        }
        OptionCheck.Range("language modelling: batch size", BatchSize, 1, 65_536);
        OptionCheck.Range("language modelling: learning rate", Rate, 0, 1, includeLow: false);
        OptionCheck.Range("language modelling: share of hidden tokens", MaskShare, 0, 0.9, includeLow: false);
        OptionCheck.AtLeast("language modelling: training texts", MostTrainTexts, 1);
        OptionCheck.AtLeast("language modelling: test texts", MostTestTexts, 1);
        OptionCheck.AtLeast("language modelling: texts for the pseudo-perplexity", PseudoTexts, 0);
    }
}
