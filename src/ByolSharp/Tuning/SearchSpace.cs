using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ByolSharp.Tuning;

/// <summary>What a search varies.</summary>
public sealed record SearchSpace(IReadOnlyList<SearchDimension> Dimensions)
{
    private const double RateFactor = 4, DecayFactor = 10, TauFactor = 8, WeightFactor = 4, CropFactor = 2;

    /// <summary>
    /// The space of a search that names none: what matters most in a short training, in a range around the options' own values. Learning rate
    /// (a quarter to four times), 1 - tau (an eighth to eight times), weight decay (a tenth to ten times), the smallest crop of both views (half to
    /// twice) and, where there is a covariance term, its weight (a quarter to four times).
    /// </summary>
    public static SearchSpace Around(RunOptions options)
    {
        double distance = 1 - options.Byol.BaseTargetEma;
        string?[] dimensions =
        [
            Range("optimizer.baseLearningRate", options.Optimizer.BaseLearningRate, RateFactor, 1e4),
            distance > 0 ? $"byol.baseTargetEma={Text(1 - Math.Min(0.99, distance * TauFactor))}..{Text(1 - distance / TauFactor)}:near-one" : null,
            Range("optimizer.weightDecay", options.Optimizer.WeightDecay, DecayFactor, 1e3),
            Range("views.t.cropAreaMin+views.tPrime.cropAreaMin", options.Views.T.CropAreaMin, CropFactor, 0.9),
            Range("byol.covarianceWeight", options.Byol.CovarianceWeight, WeightFactor, 1e3),
        ];
        return new([.. dimensions.OfType<string>().Select(SearchDimension.Parse)]);
    }

    /// <summary>Reads a file with one JSON object: keys as in the text form, values the ranges or choices behind their '='.</summary>
    /// <exception cref="ConfigurationException">No such file, no such JSON, or a range that does not work.</exception>
    public static SearchSpace Load(string file)
    {
        if (!File.Exists(file))
        {
            throw new ConfigurationException($"there is no file {file}; --space names a JSON file such as {{\"optimizer.baseLearningRate\": \"0.5..8:log\"}}.");
        }
        try
        {
            var given = JsonNode.Parse(File.ReadAllText(file)) as JsonObject ?? throw new JsonException("it must hold one JSON object");
            return new([.. given.Select(p => SearchDimension.Parse($"{p.Key}={p.Value?.GetValue<string>()}"))]);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new ConfigurationException($"{file} is no search space: {error.Message.TrimEnd('.')}; write {{\"key\": \"low..high:log\"}}.", error);
        }
    }

    /// <summary>Throws where a key is unknown, or where the options would not work with a choice, at an end of a range or within it.</summary>
    /// <exception cref="ConfigurationException">Names the key and what is wrong.</exception>
    public void Validate(RunOptions options)
    {
        if (Dimensions.Count == 0)
        {
            throw new ConfigurationException("the search space is empty; name what to vary with --search key=low..high.");
        }
        if (Dimensions.SelectMany(d => d.Keys).GroupBy(k => k).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new ConfigurationException($"{twice.Key} is searched twice; name it once.");
        }
        foreach (var dimension in Dimensions)
        {
            foreach (string value in dimension.Choices.Count > 0 ? dimension.Choices : [dimension.At(0), dimension.At(1.0 / 3), dimension.At(1)])
            {
                dimension.Settings(value).Aggregate(options, OptionsJson.Set).Validate();
            }
        }
    }

    /// <summary>The settings at a point of the unit cube.</summary>
    /// <param name="point">A number from 0 to 1 for each dimension.</param>
    public IReadOnlyList<string> At(IReadOnlyList<double> point) => [.. Dimensions.SelectMany((d, i) => d.Settings(d.At(point[i])))];

    private static string? Range(string keys, double value, double factor, double limit) =>
        value > 0 ? $"{keys}={Text(value / factor)}..{Text(Math.Min(limit, value * factor))}:log" : null;

    private static string Text(double value) => Math.Round(value, 12).ToString(CultureInfo.InvariantCulture);
}
