using ByolSharp.Text.Tokenizers;

namespace ByolSharp.Text;

/// <summary>Two views of each text, both from the same distribution; the second one of the text beside it, where the data has pairs.</summary>
public sealed class TextViewSource : IViewSource
{
    private readonly TextDataset _data;
    private readonly TextAugmentation _augmentation;
    private readonly long _seed;

    /// <summary>Joins texts with their augmentation.</summary>
    /// <param name="data">The texts; not disposed.</param>
    /// <param name="options">The augmentation, and how many tokens a view has.</param>
    /// <param name="tokenizer">Cuts texts into tokens.</param>
    /// <param name="seed">With epoch, index and view the only thing that decides what is drawn.</param>
    /// <param name="viewCount">2, or 1 for training on labels.</param>
    /// <exception cref="ConfigurationException">An option is out of its range.</exception>
    public TextViewSource(TextDataset data, TextOptions options, TextTokenizer tokenizer, long seed, int viewCount = 2)
    {
        options.Validate();
        (_data, _seed, ViewCount) = (data, seed, viewCount);
        _augmentation = new(options, tokenizer);
        ViewShape = [TextLayout.LengthFor(options.MaxTokens)];
    }

    /// <inheritdoc />
    public int Count => _data.Count;

    /// <inheritdoc />
    public int ViewCount { get; }

    /// <inheritdoc />
    public IReadOnlyList<long> ViewShape { get; }

    /// <inheritdoc />
    public int LabelOf(int index) => _data.LabelOf(index);

    /// <inheritdoc />
    public void Draw(long epoch, int index, ViewSpans views)
    {
        var sample = _data.Read(index);
        for (int view = 0; view < views.Count; view++)
        {
            var random = new SampleRandom(_seed, epoch, index, view);
            _augmentation.Apply(view > 0 ? sample.Pair ?? sample.Text : sample.Text, ref random, views[view]);
        }
    }
}
