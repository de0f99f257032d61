using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ByolSharp;

/// <summary>The unit of a <see cref="Duration"/>.</summary>
public enum DurationUnit
{
    /// <summary>Optimizer steps.</summary>
    Steps,

    /// <summary>Passes over the training data.</summary>
    Epochs,

    /// <summary>Per cent of the whole training.</summary>
    Percent,

    /// <summary>Seconds of wall-clock time.</summary>
    Seconds,
}

/// <summary>A length of training in whatever unit is handy: "500steps", "10epochs", "5%", "90s", "20m", "8h". "0steps" is never.</summary>
[JsonConverter(typeof(DurationJsonConverter))]
public readonly record struct Duration(double Value, DurationUnit Unit)
{
    private static readonly (string Suffix, DurationUnit Unit, double Scale)[] Suffixes =
    [
        ("steps", DurationUnit.Steps, 1), ("step", DurationUnit.Steps, 1),
        ("epochs", DurationUnit.Epochs, 1), ("epoch", DurationUnit.Epochs, 1),
        ("%", DurationUnit.Percent, 1),
        ("s", DurationUnit.Seconds, 1), ("m", DurationUnit.Seconds, 60), ("h", DurationUnit.Seconds, 3600), ("d", DurationUnit.Seconds, 86400),
    ];

    /// <summary>A number of steps.</summary>
    public static Duration OfSteps(long steps) => new(steps, DurationUnit.Steps);

    /// <summary>A number of epochs.</summary>
    public static Duration OfEpochs(double epochs) => new(epochs, DurationUnit.Epochs);

    /// <summary>A wall-clock time.</summary>
    public static Duration Of(TimeSpan time) => new(time.TotalSeconds, DurationUnit.Seconds);

    /// <summary>Reads the text form.</summary>
    /// <exception cref="ConfigurationException">The text is no duration; the message shows the accepted forms.</exception>
    public static Duration Parse(string text)
    {
        string trimmed = text.Trim();
        foreach (var (suffix, unit, scale) in Suffixes)
        {
            if (trimmed.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(trimmed[..^suffix.Length].Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
                && double.IsFinite(value) && value >= 0)
            {
                return new(value * scale, unit);
            }
        }
        throw new ConfigurationException($"'{text}' is no duration; write for example 500steps, 10epochs, 5%, 90s, 20m or 8h.");
    }

    /// <summary>The duration in steps.</summary>
    /// <param name="stepsPerEpoch">Steps of one epoch.</param>
    /// <param name="totalSteps">Steps of the whole training; needed for per cent.</param>
    /// <param name="secondsPerStep">Measured time of a step; needed for wall-clock durations.</param>
    public long ToSteps(double stepsPerEpoch, long? totalSteps = null, double? secondsPerStep = null) => Unit switch
    {
        DurationUnit.Steps => (long)Math.Round(Value),
        // Floor as in the authors' code: steps = epochs * images // batch size.
        DurationUnit.Epochs => (long)Math.Floor(Value * stepsPerEpoch + 1e-9),
        DurationUnit.Percent => (long)Math.Floor(Value / 100 * (totalSteps ?? throw Unresolved()) + 1e-9),
        DurationUnit.Seconds => (long)Math.Floor(Value / (secondsPerStep ?? throw Unresolved())),
        _ => throw Unresolved(),
    };

    /// <inheritdoc />
    public override string ToString()
    {
        string number = Value.ToString("0.######", CultureInfo.InvariantCulture);
        return Unit switch
        {
            DurationUnit.Steps => number + "steps",
            DurationUnit.Epochs => number + "epochs",
            DurationUnit.Percent => number + "%",
            _ => number + "s",
        };
    }

    private ConfigurationException Unresolved() => new($"the duration {this} cannot be used here; give it in steps or epochs.");
}

/// <summary>Durations are strings in configuration files.</summary>
internal sealed class DurationJsonConverter : JsonConverter<Duration>
{
    /// <inheritdoc />
    public override Duration Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
            ? Duration.Parse(reader.GetString()!)
            : throw new ConfigurationException("a duration is a text such as 500steps, 10epochs, 5%, 90s, 20m or 8h.");

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, Duration value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
