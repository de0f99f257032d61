using System.Globalization;

namespace ByolSharp.Tuning;

/// <summary>How a range is cut into equal parts.</summary>
public enum SearchScale
{
    /// <summary>Equal differences.</summary>
    Linear,

    /// <summary>Equal ratios; for learning rates and weight decay.</summary>
    Log,

    /// <summary>Equal ratios of the distance to 1; for tau and momentum.</summary>
    NearOne,
}

/// <summary>
/// One thing that a search varies: one option, or several that take the same value, between two numbers or among given values. Text forms:
/// <c>optimizer.baseLearningRate=0.5..8:log</c>, <c>byol.baseTargetEma=0.8..0.99:near-one</c>, <c>byol.hiddenSize=256..2048:log:int</c>,
/// <c>optimizer.kind=lars,sgd</c>, <c>views.t.cropAreaMin+views.tPrime.cropAreaMin=0.1..0.5</c>.
/// </summary>
public sealed record SearchDimension
{
    private const int Digits = 3; // more would only look precise
    private readonly string _text = "";

    private SearchDimension() { }

    /// <summary>The options that take the value.</summary>
    public IReadOnlyList<string> Keys { get; private init; } = [];

    /// <summary>The values to choose among; empty for a range.</summary>
    public IReadOnlyList<string> Choices { get; private init; } = [];

    /// <summary>Lower end of a range.</summary>
    public double Low { get; private init; }

    /// <summary>Upper end of a range.</summary>
    public double High { get; private init; }

    /// <summary>How a range is cut.</summary>
    public SearchScale Scale { get; private init; }

    /// <summary>Whole numbers only.</summary>
    public bool IsWhole { get; private init; }

    /// <summary>Reads the text form.</summary>
    /// <exception cref="ConfigurationException">The text is none, or the range is empty or does not fit its scale.</exception>
    public static SearchDimension Parse(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0 || equals == text.Length - 1)
        {
            throw Unreadable(text);
        }
        string[] keys = [.. text[..equals].Split('+').Select(k => k.Trim())];
        string values = text[(equals + 1)..].Trim();
        return values.Contains("..", StringComparison.Ordinal) ? ParseRange(text, keys, values) : ParseChoices(text, keys, values);
    }

    /// <summary>The value at a place of the unit interval.</summary>
    /// <param name="unit">0 to 1: the low end to the high one, the first choice to the last.</param>
    public string At(double unit)
    {
        if (Choices.Count > 0)
        {
            return Choices[Math.Min(Choices.Count - 1, (int)(unit * Choices.Count))];
        }
        double value = Scale switch
        {
            SearchScale.Log => Rounded(Low * Math.Pow(High / Low, unit)),
            SearchScale.NearOne => 1 - Rounded((1 - Low) * Math.Pow((1 - High) / (1 - Low), unit)),
            _ => Rounded(Low + (High - Low) * unit),
        };
        value = Math.Clamp(IsWhole ? Math.Round(value) : Math.Round(value, 12), Low, High);
        return value.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The settings that give the options this value.</summary>
    public IEnumerable<string> Settings(string value) => Keys.Select(key => $"{key}={value}");

    /// <inheritdoc />
    public override string ToString() => _text;

    private static SearchDimension ParseChoices(string text, string[] keys, string values)
    {
        string[] choices = [.. values.Split(',').Select(v => v.Trim())];
        return choices.Length < 2 || choices.Any(c => c.Length == 0) ? throw Unreadable(text) : new(text) { Keys = keys, Choices = choices };
    }

    private static SearchDimension ParseRange(string text, string[] keys, string values)
    {
        string[] parts = values.Split(':');
        string[] ends = parts[0].Split("..");
        if (ends.Length != 2 || Number(ends[0]) is not { } low || Number(ends[1]) is not { } high)
        {
            throw Unreadable(text);
        }
        var dimension = new SearchDimension(text) { Keys = keys, Low = low, High = high };
        foreach (string word in parts[1..])
        {
            dimension = word.Trim() switch
            {
                "lin" => dimension with { Scale = SearchScale.Linear },
                "log" => dimension with { Scale = SearchScale.Log },
                "near-one" => dimension with { Scale = SearchScale.NearOne },
                "int" => dimension with { IsWhole = true },
                _ => throw new ConfigurationException($"'{word}' in the search '{text}' is unknown; after a range write :lin, :log, :near-one or :int."),
            };
        }
        return dimension.Checked();
    }

    private SearchDimension(string text) => _text = text;

    private SearchDimension Checked() => this switch
    {
        { Low: var low, High: var high } when !(low < high) =>
            throw new ConfigurationException($"the search '{_text}' is empty; write the smaller number first."),
        { Scale: SearchScale.Log, Low: <= 0 } => throw new ConfigurationException($"the search '{_text}' cannot be :log; its lower end must be above 0."),
        { Scale: SearchScale.NearOne, High: >= 1 } => throw new ConfigurationException($"the search '{_text}' cannot be :near-one; its upper end must be below 1."),
        _ => this,
    };

    private static double? Number(string text) =>
        double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : null;

    private static double Rounded(double value) => double.Parse(value.ToString($"G{Digits}", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static ConfigurationException Unreadable(string text) =>
        new($"'{text}' is no search; write key=low..high, key=low..high:log or key=a,b,c, for example optimizer.baseLearningRate=0.5..8:log.");
}
