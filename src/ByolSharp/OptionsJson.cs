using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ByolSharp;

/// <summary>Options as JSON: camelCase keys, grouped as the records are; unknown keys fail and name the nearest valid one.</summary>
public static class OptionsJson
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        IndentSize = 2,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // files for people; never put into HTML as they are
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        RespectNullableAnnotations = true,
    };

    /// <summary>The options as indented JSON.</summary>
    public static string Write<T>(T options) => JsonSerializer.Serialize(options, Json);

    /// <summary>The options as a JSON tree.</summary>
    public static JsonObject ToTree<T>(T options) => JsonSerializer.SerializeToNode(options, Json)!.AsObject();

    /// <summary>Reads a JSON text over given options: what the text leaves out keeps its value.</summary>
    /// <exception cref="ConfigurationException">Not JSON, an unknown key, or a value of the wrong kind.</exception>
    public static T Read<T>(T options, string text, string source)
    {
        JsonNode? overlay;
        try
        {
            overlay = JsonNode.Parse(text, documentOptions: new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false });
        }
        catch (JsonException error)
        {
            throw new ConfigurationException($"{source} is not valid JSON: {error.Message}", error);
        }
        if (overlay is not JsonObject given)
        {
            throw new ConfigurationException($"{source} must hold one JSON object.");
        }
        var tree = ToTree(options);
        Merge(tree, given, "");
        return FromTree<T>(tree);
    }

    /// <summary>Sets one value, as <c>--set byol.baseTargetEma=0.99</c> does.</summary>
    public static T Set<T>(T options, string assignment)
    {
        int equals = assignment.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            throw new ConfigurationException($"'{assignment}' is no setting; write --set key=value, for example --set byol.baseTargetEma=0.99.");
        }
        string key = assignment[..equals].Trim();
        var tree = ToTree(options);
        string text = assignment[(equals + 1)..].Trim();
        JsonNode overlay = ParseValue(text);
        if (TypeOf<T>(key) == typeof(string) && overlay is JsonValue value && value.GetValueKind() is JsonValueKind.Number)
        {
            overlay = JsonValue.Create(text); // the name of a column or file may be a number
        }
        foreach (string part in key.Split('.').Reverse())
        {
            overlay = new JsonObject { [part] = overlay };
        }
        Merge(tree, overlay.AsObject(), "");
        return FromTree<T>(tree);
    }

    /// <summary>All keys with a value of their own, dotted, such as byol.baseTargetEma.</summary>
    public static IEnumerable<string> Keys<T>(T options) => Leaves(ToTree(options), "");

    private static T FromTree<T>(JsonObject tree)
    {
        try
        {
            return tree.Deserialize<T>(Json)!;
        }
        catch (JsonException error)
        {
            string key = (error.Path ?? "").Replace("$.", "", StringComparison.Ordinal);
            JsonNode? value = key.Split('.').Aggregate((JsonNode?)tree, (node, part) => (node as JsonObject)?[part]);
            throw new ConfigurationException($"{key} cannot be {value?.ToJsonString() ?? "empty"}; {Expected<T>(key)}", error);
        }
    }

    /// <summary>Copies the given values over the tree; both name their keys alike.</summary>
    private static void Merge(JsonObject tree, JsonObject given, string prefix)
    {
        foreach (var (name, value) in given)
        {
            string key = prefix + name;
            if (!tree.ContainsKey(name))
            {
                throw UnknownKey(tree, key, prefix, name);
            }
            if (tree[name] is JsonObject group)
            {
                Merge(group, value as JsonObject ?? throw new ConfigurationException($"{key} is a group; set one of {Listed(group, key + ".")}."), key + ".");
            }
            else
            {
                tree[name] = value?.DeepClone();
            }
        }
    }

    private static ConfigurationException UnknownKey(JsonObject tree, string key, string prefix, string name)
    {
        string? closest = Suggestions.Closest(name, tree.Select(p => p.Key));
        string hint = closest is null ? "" : $"did you mean {prefix}{closest}? ";
        return new($"unknown key {key}; {hint}Valid here: {Listed(tree, prefix)}.");
    }

    private static string Listed(JsonObject tree, string prefix) => string.Join(", ", tree.Select(p => prefix + p.Key));

    private static IEnumerable<string> Leaves(JsonObject tree, string prefix) => tree.SelectMany(p =>
        p.Value is JsonObject group ? Leaves(group, prefix + p.Key + ".") : [prefix + p.Key]);

    /// <summary>Numbers, true, false, null and arrays as JSON; anything else is a text.</summary>
    private static JsonNode ParseValue(string text)
    {
        try
        {
            return JsonNode.Parse(text) ?? JsonValue.Create(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    /// <summary>What a key's values are.</summary>
    private static Type TypeOf<T>(string key)
    {
        var type = typeof(T);
        foreach (string part in key.Split('.'))
        {
            type = Json.GetTypeInfo(type).Properties.FirstOrDefault(p => p.Name == part)?.PropertyType ?? type;
        }
        return Nullable.GetUnderlyingType(type) ?? type;
    }

    /// <summary>Says what kind of value a key takes.</summary>
    private static string Expected<T>(string key)
    {
        var type = TypeOf<T>(key);
        return type switch
        {
            { IsEnum: true } => $"choose one of {string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName))}.",
            _ when type == typeof(bool) => "write true or false.",
            _ when type == typeof(int) || type == typeof(long) => "write a whole number.",
            _ when type == typeof(double) || type == typeof(float) => "write a number.",
            _ => "see `byol presets` for its form.",
        };
    }
}
