using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ByolSharp.Evaluation;
using ByolSharp.Export;
using ByolSharp.Images.Scanning;
using ByolSharp.Search;
using ByolSharp.Sources;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol search INDEX [FILE…]</c>.</summary>
internal static class SearchCommand
{
    private const double DefaultSimilarity = 0.99;
    private const int Shown = 10;

    private static readonly EncoderOptions Encoders = new();
    private static readonly Argument<string> Index = new("INDEX") { Description = "What byol index wrote." };
    private static readonly Argument<string[]> Files = new("FILE") { Description = "Images, videos or documents: what is like them?", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Option<string[]> Names = new("--name") { Description = "Indexed samples: what is like them? Repeatable; needs no encoder.", HelpName = "NAME" };
    private static readonly Option<int> K = new("--k") { Description = "Neighbours to show.", DefaultValueFactory = _ => Shown };
    private static readonly Option<bool> Duplicates = new("--duplicates") { Description = "Groups of samples that are nearly the same to the encoder." };
    private static readonly Option<double> Similarity = new("--similarity")
    {
        Description = "With --duplicates: the least cosine, after the mean of all was taken off.",
        DefaultValueFactory = _ => DefaultSimilarity,
    };

    private static readonly Option<int?> Diverse = new("--diverse") { Description = "A core set: samples to label first, which stand for all.", HelpName = "COUNT" };
    private static readonly Option<string?> Labelled = new("--labelled") { Description = "With --diverse: samples that have a label already, a name a line.", HelpName = "FILE" };
    private static readonly Option<string?> Export = new("--export") { Description = "Write the whole index: .parquet, .csv or .npy.", HelpName = "FILE" };
    private static readonly Option<string?> Out = new("--out", "-o") { Description = "With --diverse: a list of the names; with --duplicates: one for pretrain --quarantine.", HelpName = "FILE" };

    internal static Command Create()
    {
        var command = new Command("search", "Find neighbours, near duplicates or a diverse subset in an index, or export it.")
        {
            Index, Files, Names, K, Duplicates, Similarity, Diverse, Labelled, Export, Out,
        };
        Encoders.AddTo(command, Baselines.Random | Baselines.Pixels);
        return command.Does(IndexFiles.Guarded(Run));
    }

    private static int Run(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        var work = Chosen(arguments);
        using var index = RepresentationIndex.Open(arguments.GetRequiredValue(Index));
        var matrix = index.Load();
        if (matrix.Count == 0)
        {
            throw new UnusableDataException($"{arguments.GetRequiredValue(Index)} holds no representation: run byol index.");
        }
        terminal.Result(work(arguments, terminal, index, matrix, cancellation));
        return 0;
    }

    /// <summary>The one thing that is asked for.</summary>
    private static Func<ParseResult, Terminal, RepresentationIndex, RepresentationMatrix, CancellationToken, JsonObject> Chosen(ParseResult arguments)
    {
        bool asksForNeighbours = arguments.GetValue(Files) is { Length: > 0 } || arguments.GetValue(Names) is { Length: > 0 };
        bool[] asked = [asksForNeighbours, arguments.GetValue(Duplicates), arguments.GetValue(Diverse) is not null, arguments.GetValue(Export) is not null];
        if (asked.Count(a => a) != 1)
        {
            throw new ConfigurationException("ask for one thing: FILE or --name, --duplicates, --diverse COUNT, or --export FILE.");
        }
        if (arguments.GetValue(K) < 1 || arguments.GetValue(Diverse) < 1)
        {
            throw new ConfigurationException("--k and --diverse must be at least 1.");
        }
        return asksForNeighbours ? FindNeighbours : arguments.GetValue(Duplicates) ? FindDuplicates : arguments.GetValue(Diverse) is not null ? Choose : Write;
    }

    private static JsonObject FindNeighbours(
        ParseResult arguments, Terminal terminal, RepresentationIndex index, RepresentationMatrix matrix, CancellationToken cancellation)
    {
        var results = new JsonArray();
        foreach (string name in arguments.GetValue(Names) ?? [])
        {
            int place = matrix.IndexOf(name);
            if (place < 0)
            {
                string? closest = Suggestions.Closest(name, matrix.Names);
                throw new ConfigurationException($"the index has no sample '{name}'{(closest is null ? "" : $"; did you mean '{closest}'?")}.");
            }
            Add(name, matrix[place].ToArray(), except: place);
        }
        if (arguments.GetValue(Files) is { Length: > 0 } files)
        {
            var features = Embed(arguments, terminal, index, files, cancellation);
            for (int i = 0; i < features.Count; i++)
            {
                Add(features.Names[i], features[i].ToArray());
            }
        }
        return new JsonObject { ["queries"] = results };

        void Add(string query, float[] representation, int except = -1)
        {
            var found = matrix.Nearest(representation, arguments.GetValue(K), except, cancellation);
            terminal.Table([$"like {query}", "class", "cosine"], found.Select(n => new[] { n.Name, n.Label ?? "", n.Similarity.ToString("0.000", CultureInfo.InvariantCulture) }));
            results.Add(new JsonObject
            {
                ["query"] = query,
                ["neighbours"] = new JsonArray([.. found.Select(n => new JsonObject { ["name"] = n.Name, ["label"] = n.Label, ["similarity"] = n.Similarity })]),
            });
        }
    }

    private static FeatureSet Embed(ParseResult arguments, Terminal terminal, RepresentationIndex index, string[] files, CancellationToken cancellation)
    {
        var (encoder, data) = Encoders.OpenFiles(arguments, files, index.Encoder.Source);
        using (data)
        {
            return EncoderFingerprint.Of(encoder.Backbone, encoder.Metadata) == index.Encoder.Fingerprint
                ? encoder.Extract(terminal, "embed", data, cancellation)
                : throw new ConfigurationException($"{encoder.Name} is not the encoder that the index was made by: name that one, or index the data anew.");
        }
    }

    private static JsonObject FindDuplicates(
        ParseResult arguments, Terminal terminal, RepresentationIndex index, RepresentationMatrix matrix, CancellationToken cancellation)
    {
        double least = arguments.GetValue(Similarity);
        if (least is not (> 0 and <= 1))
        {
            throw new ConfigurationException(FormattableString.Invariant($"--similarity {least} does not work; give a number above 0, at most 1."));
        }
        var joined = new ImageGroups(matrix.Count);
        foreach (var pair in RepresentationTwins.Within(IndexFiles.ToFeatures(matrix), least, cancellation))
        {
            joined.Join(matrix.IndexOf(pair.A), matrix.IndexOf(pair.B));
        }
        int[][] groups = joined.All();
        int redundant = groups.Sum(group => group.Length - 1);
        terminal.Line(FormattableString.Invariant($"{groups.Length:N0} groups of samples alike (cosine {least} or more), {redundant:N0} of {matrix.Count:N0} samples are redundant"));
        foreach (int[] group in groups.Take(Shown))
        {
            terminal.Line($"  {string.Join(", ", group.Take(Shown).Select(i => matrix.Names[i]))}{(group.Length > Shown ? ", …" : "")}");
        }
        if (arguments.GetValue(Out) is { } file)
        {
            var leftOut = new Quarantine();
            foreach (int[] group in groups)
            {
                Array.ForEach(group[1..], i => leftOut.Add(matrix.Names[i], $"nearly the same as {matrix.Names[group[0]]}"));
            }
            leftOut.Write(file);
        }
        return new JsonObject
        {
            ["cosine"] = least,
            ["redundant"] = redundant,
            ["groups"] = new JsonArray([.. groups.Select(group => new JsonArray([.. group.Select(i => JsonValue.Create(matrix.Names[i]))]))]),
        };
    }

    private static JsonObject Choose(
        ParseResult arguments, Terminal terminal, RepresentationIndex index, RepresentationMatrix matrix, CancellationToken cancellation)
    {
        int[] labelled = arguments.GetValue(Labelled) is { } list ? LabelSplit.FromFile(list, matrix.Names) : [];
        var chosen = CoreSet.Choose(matrix, arguments.GetValue(Diverse)!.Value, labelled, cancellation);
        string[] names = [.. chosen.Samples.Select(i => matrix.Names[i])];
        float radius = chosen.Radius.LastOrDefault();
        terminal.Line(FormattableString.Invariant($"{names.Length:N0} samples: no other is farther than {radius:0.000} (1 - cosine) from all of them"));
        if (arguments.GetValue(Out) is { } file)
        {
            File.WriteAllLines(file, names);
        }
        else
        {
            Array.ForEach(names, terminal.Command);
        }
        return new JsonObject { ["radius"] = radius, ["names"] = new JsonArray([.. names.Select(name => JsonValue.Create(name))]) };
    }

    private static JsonObject Write(
        ParseResult arguments, Terminal terminal, RepresentationIndex index, RepresentationMatrix matrix, CancellationToken cancellation)
    {
        string file = arguments.GetValue(Export)!;
        EmbeddingWriter.WriteAsync(IndexFiles.ToFeatures(matrix), file, cancellation).GetAwaiter().GetResult();
        terminal.Line($"{matrix.Count:N0} representations of {matrix.Size} numbers: {file}");
        return new JsonObject { ["out"] = Path.GetFullPath(file), ["count"] = matrix.Count, ["size"] = matrix.Size };
    }
}
