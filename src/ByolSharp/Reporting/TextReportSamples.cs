using ByolSharp.Export;
using ByolSharp.Images;
using ByolSharp.Reporting.Sections;
using ByolSharp.Text;
using ByolSharp.Text.Tokenizers;

namespace ByolSharp.Reporting;

/// <summary>Texts of a run: what the encoder reads of them, and a table of draws of both view distributions.</summary>
internal sealed class TextReportSamples : IReportSamples
{
    private const int Looked = 256, SheetRows = 6, SheetDraws = 2;
    private readonly RunOptions _options;
    private readonly TextTokenizer _tokenizer;
    private readonly ReportData<TextDataset> _data;

    /// <summary>Opens the data that the options name, as far as they are there.</summary>
    /// <param name="options">Options of the run.</param>
    /// <param name="encoder">How its texts are cut into tokens.</param>
    /// <param name="missing">Takes a line for everything that cannot be opened.</param>
    internal TextReportSamples(RunOptions options, EncoderMetadata encoder, MissingParts missing)
    {
        (_options, _tokenizer) = (options, TextTokenizer.Open(encoder.Text!.Tokenizer));
        _data = new(options, (path, classNames) => TextSources.Open(path, options.Text, classNames), missing);
        Reference = SourceOf(_data.Queries is null ? _data.Training : _data.Reference);
        Queries = _data.Queries is null ? Reference : SourceOf(_data.Queries);
        Facts = [.. _data.Facts("Texts", options), .. LookedAt()];
        Classes = _data.Classes();
    }

    /// <inheritdoc />
    public IEvalSource? Reference { get; }

    /// <inheritdoc />
    public IEvalSource? Queries { get; }

    /// <inheritdoc />
    public IReadOnlyList<(string Name, string Value)> Facts { get; }

    /// <inheritdoc />
    public IReadOnlyList<(string Class, int Count)> Classes { get; }

    /// <inheritdoc />
    public Html Views() => _data.Training is not { } training ? Html.Empty : Html.Of(
        $"<div class=\"views\">{Tables.Of(TextViewSheet.Columns(SheetDraws), TextViewSheet.Rows(training, _options.Text, _tokenizer, SheetRows, SheetDraws, _options.Seed))}</div>");

    /// <inheritdoc />
    public SampleTiles Tiles(IReadOnlyList<(IEvalSource Source, int Index)> samples) => new(
        Html.Of($":root {{ --tile: 9.5rem }}"), [.. samples.Select(sample => Html.Of($"<i class=\"tile words\">{WordsOf(sample.Source, sample.Index)}</i>"))]);

    /// <inheritdoc />
    public void Dispose() => _data.Dispose();

    private TextEvalSource? SourceOf(TextDataset? data) => data is null ? null : new(data, _options.Text.MaxTokens, _tokenizer);

    private string WordsOf(IEvalSource source, int index)
    {
        var view = new float[source.ViewShape[0]];
        source.Render(index, view); // what could not be read has no representation, and so no tile
        return TextViewSheet.Spell(_tokenizer, view);
    }

    private IEnumerable<(string Name, string Value)> LookedAt()
    {
        if (_data.Training is not { } training)
        {
            yield break;
        }
        int[] looked = _data.Spread(Looked);
        var texts = new List<string>();
        foreach (int index in looked)
        {
            try
            {
                texts.Add(training.Read(index).Text);
            }
            catch (UnreadableSampleException)
            {
                // counted by its absence
            }
        }
        yield return ("Looked at", FormattableString.Invariant(
            $"{looked.Length:N0} spread over the data; {(texts.Count == looked.Length ? "all can be read" : $"{looked.Length - texts.Count} cannot be read")}"));
        if (SideSummary.Of(texts.Select(text => text.Length)) is { } characters)
        {
            yield return ("Length", characters.Text(" characters"));
        }
        yield return ("Vocabulary", FormattableString.Invariant($"{_tokenizer.VocabularySize:N0} tokens, of which a text gives at most {_options.Text.MaxTokens}"));
    }
}
