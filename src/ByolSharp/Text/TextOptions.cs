namespace ByolSharp.Text;

/// <summary>How the bytes of a text file become characters.</summary>
public enum TextEncoding
{
    /// <summary>UTF-8; a text that is not is unreadable.</summary>
    Utf8,

    /// <summary>ISO 8859-1, in which every byte is a character.</summary>
    Latin1,
}

/// <summary>What stands before the text in a line of its own file.</summary>
public enum LineLabel
{
    /// <summary>Nothing: the line is the text.</summary>
    None,

    /// <summary>A label, up to the first space (fastText).</summary>
    Word,

    /// <summary>A label of two levels, COARSE:fine, of which the first counts, up to the first space (TREC).</summary>
    Coarse,
}

/// <summary>How texts are read, cut into tokens and drawn as views; of no effect on images and videos.</summary>
public sealed record TextOptions
{
    /// <summary>Positions that the encoders have.</summary>
    internal const int MostTokens = 512;

    /// <summary>
    /// Column of a table with the text: its name in the header, or its number from 1; several joined by + are put together with a space between. Empty
    /// takes the first of text, sentence, content, question, title; a table without them the column with the longest cells.
    /// </summary>
    public string Column { get; init; } = "";

    /// <summary>Column with another text that says the same, from which the second views are made; empty: none. BSL (Zhang et al. 2021): back-translations.</summary>
    public string PairColumn { get; init; } = "";

    /// <summary>Column with the label; empty takes the first of label, class, category, target, intent, else there are no labels.</summary>
    public string LabelColumn { get; init; } = "";

    /// <summary>What stands before the text in the lines of a file that is no table. Default none.</summary>
    public LineLabel LineLabel { get; init; } = LineLabel.None;

    /// <summary>How bytes become characters. Default utf8.</summary>
    public TextEncoding Encoding { get; init; } = TextEncoding.Utf8;

    /// <summary>
    /// The tokenizer: a Hugging Face tokenizer.json, a WordPiece vocab.txt, a SentencePiece .model, or a folder with one of these or with vocab.json and
    /// merges.txt. Empty learns byte-level pairs from the training texts.
    /// </summary>
    public string Tokenizer { get; init; } = "";

    /// <summary>Tokens of the vocabulary: of a learned tokenizer at most, 300 to 1,000,000; a given one decides by itself. Default 8192.</summary>
    public int VocabularySize { get; init; } = 8192;

    /// <summary>Digest of the tokenizer, filled in when it is opened: a run goes on only with the same.</summary>
    public string TokenizerHash { get; init; } = "";

    /// <summary>The token that hides others, filled in when the tokenizer is opened.</summary>
    public int MaskToken { get; init; } = -1;

    /// <summary>Tokens of a view, with those at its ends, 4 to 512: longer texts are cut, by chance in training. BSL: 64.</summary>
    public int MaxTokens { get; init; } = 64;

    /// <summary>Smallest part of a text that a view keeps, a run of its tokens, above 0 to 1; 1 keeps all. BSL: 1.</summary>
    public double CropMin { get; init; } = 1;

    /// <summary>Probability that a view leaves out a token, 0 to 0.9. BSL: 0.</summary>
    public double DeleteProbability { get; init; }

    /// <summary>Probability that a word of a view changes places with the next one, 0 to 1. BSL: 0.</summary>
    public double SwapProbability { get; init; }

    /// <summary>
    /// Share of the tokens that are hidden from the online network, 0 to 0.9; the target network sees them. data2vec (Baevski et al. 2022): 0.35 in its
    /// released settings for text.
    /// </summary>
    public double MaskShare { get; init; }

    /// <summary>Length of a run of hidden tokens, 1 to 64. data2vec: 4.</summary>
    public int MaskSpan { get; init; } = 1;

    /// <summary>Probability that a value inside the encoder is dropped, 0 to 0.9; attention weights are not. BERT: 0.1.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>Whether the target network drops values too. BSL: true; data2vec: false.</summary>
    public bool TargetDropout { get; init; } = true;

    /// <summary>Weight of BYOL's loss on whole texts, 0 or more. BSL: 1; data2vec: 0.</summary>
    public double SentenceWeight { get; init; } = 1;

    /// <summary>Weight of the regression of hidden tokens (<see cref="PartRegression"/>), 0 or more. BSL: 0; data2vec: 1.</summary>
    public double TokenWeight { get; init; }

    /// <summary>Layers of the target, from the last one, whose mean is what hidden tokens are regressed to; at least 1, and all where there are fewer. data2vec: 10 of 12.</summary>
    public int AveragedLayers { get; init; } = 10;

    /// <summary>How these means are normalised. data2vec: layer.</summary>
    public PartNorm TargetNorm { get; init; } = PartNorm.Layer;

    /// <summary>Error from which the regression's loss is linear, above 0. data2vec: 4.</summary>
    public double SmoothBeta { get; init; } = 4;

    /// <summary>Throws where a value is outside its range.</summary>
    /// <exception cref="ConfigurationException">A value does not work; the message names its key.</exception>
    public void Validate()
    {
        if (Tokenizer.Length == 0 && TokenizerHash.Length == 0) // else the tokenizer decides
        {
            OptionCheck.Range("text.vocabularySize", VocabularySize, 300, 1_000_000);
        }
        OptionCheck.Range("text.maxTokens", MaxTokens, 4, MostTokens);
        OptionCheck.Range("text.cropMin", CropMin, 0.01, 1);
        OptionCheck.Range("text.deleteProbability", DeleteProbability, 0, 0.9);
        OptionCheck.Range("text.swapProbability", SwapProbability, 0, 1);
        OptionCheck.Range("text.maskShare", MaskShare, 0, 0.9);
        OptionCheck.Range("text.maskSpan", MaskSpan, 1, 64);
        OptionCheck.Range("text.dropout", Dropout, 0, 0.9);
        OptionCheck.AtLeast("text.sentenceWeight", SentenceWeight, 0);
        OptionCheck.AtLeast("text.tokenWeight", TokenWeight, 0);
        OptionCheck.Range("text.averagedLayers", AveragedLayers, 1, 1000);
        OptionCheck.Range("text.smoothBeta", SmoothBeta, 1e-3, 1e3);
        if (SentenceWeight == 0 && TokenWeight == 0)
        {
            throw new ConfigurationException("text.sentenceWeight and text.tokenWeight are both 0, which leaves nothing to learn: set one of them to 1.");
        }
        if (TokenWeight > 0 && MaskShare == 0)
        {
            throw new ConfigurationException("text.tokenWeight needs hidden tokens: set text.maskShare, for example to 0.35.");
        }
    }
}
