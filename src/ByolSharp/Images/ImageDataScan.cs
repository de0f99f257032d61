using ByolSharp.Images.Scanning;
using ByolSharp.Sources;

namespace ByolSharp.Images;

/// <summary>Looks through a whole data set before it is trained on: what decodes, what sizes there are, what repeats.</summary>
public sealed class ImageDataScan
{
    private readonly ImageFacts[] _facts;
    private readonly byte[] _grids;
    private readonly string[] _names;
    private readonly ImageScanOptions _options;

    private ImageDataScan(ImageDataset data, ImageScanOptions options)
    {
        _options = options;
        _facts = new ImageFacts[data.Count];
        _grids = new byte[(long)data.Count * PerceptualHash.GridLength];
        _names = [.. Enumerable.Range(0, data.Count).Select(data.NameOf)];
    }

    /// <summary>What was found.</summary>
    public ImageScanReport Report { get; private set; } = null!;

    /// <summary>All samples that cannot be read.</summary>
    public Quarantine Quarantine { get; } = new();

    /// <summary>Decodes every image of a data set and compares them all.</summary>
    /// <param name="data">The data set; the scan does not dispose it.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="progress">Is told how many are done; called by one thread at a time.</param>
    /// <param name="cancellation">Stops the scan with an <see cref="OperationCanceledException"/>.</param>
    public static ImageDataScan Run(
        ImageDataset data,
        ImageScanOptions? options = null,
        IProgress<(int Done, int Total)>? progress = null,
        CancellationToken cancellation = default)
    {
        var scan = new ImageDataScan(data, options ?? new ImageScanOptions());
        scan.Look(data, progress, cancellation);
        scan.Report = scan.Summarise(data, cancellation);
        return scan;
    }

    /// <summary>Finds images of a test set that are in this set, which models are trained on.</summary>
    /// <param name="test">A scan of the test set.</param>
    /// <param name="cancellation">Stops the search.</param>
    public ImageLeakage LeakageInto(ImageDataScan test, CancellationToken cancellation = default)
    {
        int[] mine = Readable(), theirs = test.Readable();
        Dictionary<UInt128, int> byPixels = new(mine.Length);
        foreach (int i in mine)
        {
            byPixels.TryAdd(_facts[i].PixelHash, i);
        }

        var twins = new SortedDictionary<int, int>();
        var exact = new HashSet<int>(theirs.Where(i => byPixels.ContainsKey(test._facts[i].PixelHash)));
        LookAlikes both = new(
            [.. mine.Select(i => _facts[i].LookHash), .. theirs.Select(i => test._facts[i].LookHash)],
            [.. mine.Select(GridOf), .. theirs.Select(test.GridOf)]);
        both.Find(_options.NearDistance, (a, b) =>
        {
            if (a < mine.Length && b >= mine.Length && !exact.Contains(theirs[b - mine.Length]))
            {
                int image = theirs[b - mine.Length];
                twins[image] = Math.Min(mine[a], twins.GetValueOrDefault(image, int.MaxValue));
            }
        }, cancellation);

        IEnumerable<LeakedImage> same = exact.Order()
            .Select(i => new LeakedImage(test._names[i], _names[byPixels[test._facts[i].PixelHash]], true));
        IEnumerable<LeakedImage> alike = twins.Select(pair => new LeakedImage(test._names[pair.Key], _names[pair.Value], false));
        return new ImageLeakage(theirs.Length, exact.Count, twins.Count, [.. same.Concat(alike).Take(_options.Examples)]);
    }

    private void Look(ImageDataset data, IProgress<(int Done, int Total)>? progress, CancellationToken cancellation)
    {
        int done = 0, total = data.Count, every = Math.Max(1, total / 500);
        var reporting = new Lock();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.Threads, CancellationToken = cancellation };
        Parallel.For(0, total, parallel, index =>
        {
            try
            {
                _facts[index] = ImageFacts.Of(data.Read(index), GridOf(index).Span);
            }
            catch (UnreadableSampleException e)
            {
                Quarantine.Add(_names[index], e.Message);
            }

            lock (reporting)
            {
                if (++done % every == 0 || done == total)
                {
                    progress?.Report((done, total));
                }
            }
        });
    }

    private ImageScanReport Summarise(ImageDataset data, CancellationToken cancellation)
    {
        int[] readable = Readable();
        int[] labels = [.. Enumerable.Range(0, data.Count).Select(data.LabelOf)];
        Dictionary<int, int> labelCounts = labels.CountBy(l => l).ToDictionary();
        int[] tiny = [.. readable.Where(i => Math.Min(_facts[i].Width, _facts[i].Height) < _options.TinySide)];
        int[][] exact = [.. readable.GroupBy(i => _facts[i].PixelHash).Where(g => g.Skip(1).Any()).Select(g => g.ToArray())];
        return new ImageScanReport
        {
            Images = data.Count,
            Readable = readable.Length,
            Unreadable = data.Count - readable.Length,
            UnreadableReasons = Reasons(),
            Width = Sides(readable, facts => facts.Width),
            Height = Sides(readable, facts => facts.Height),
            Channels = new SortedDictionary<int, int>(readable.CountBy(i => _facts[i].Channels).ToDictionary()),
            PixelFormats = new SortedDictionary<string, int>(
                readable.CountBy(i => _facts[i].Format.ToString()).ToDictionary(), StringComparer.Ordinal),
            Tiny = new NamedImages(tiny.Length, [.. tiny.Take(_options.Examples).Select(i => _names[i])]),
            ExactDuplicates = Duplicates(exact),
            NearDuplicates = Duplicates(FindAlike(readable, cancellation)),
            LabelConflicts = exact.Count(group => group.Select(i => labels[i]).Where(l => l >= 0).Distinct().Skip(1).Any()),
            Classes = data.ClassNames.Select((name, label) => (name, label))
                .ToDictionary(c => c.name, c => labelCounts.GetValueOrDefault(c.label), StringComparer.Ordinal),
            Unlabelled = labelCounts.GetValueOrDefault(ImageDataset.NoLabel),
        };
    }

    private int[][] FindAlike(int[] readable, CancellationToken cancellation)
    {
        int[] distinct = [.. readable.DistinctBy(i => _facts[i].PixelHash)];
        var groups = new ImageGroups(distinct.Length);
        new LookAlikes([.. distinct.Select(i => _facts[i].LookHash)], [.. distinct.Select(GridOf)])
            .Find(_options.NearDistance, groups.Join, cancellation);
        return [.. groups.All().Select(group => Array.ConvertAll(group, i => distinct[i]))];
    }

    private int[] Readable() => [.. Enumerable.Range(0, _facts.Length).Where(i => _facts[i].IsReadable)];

    private Memory<byte> GridOf(int index) => _grids.AsMemory(index * PerceptualHash.GridLength, PerceptualHash.GridLength);

    private DuplicateSummary Duplicates(int[][] groups) => new(
        groups.Length,
        groups.Sum(g => g.Length - 1),
        [.. groups.Take(_options.Examples).Select(g => (IReadOnlyList<string>)[.. g.Take(_options.Examples).Select(i => _names[i])])]);

    private UnreadableReason[] Reasons() =>
        [.. Quarantine.Entries.GroupBy(entry => entry.Reason, StringComparer.Ordinal)
            .Select(g => new UnreadableReason(g.Key, g.Count(), [.. g.Take(_options.Examples).Select(entry => entry.Name)]))
            .OrderByDescending(reason => reason.Count).ThenBy(reason => reason.Reason, StringComparer.Ordinal)];

    private SideSummary? Sides(int[] readable, Func<ImageFacts, int> side)
    {
        int[] sorted = [.. readable.Select(i => side(_facts[i])).Order()];
        return sorted.Length == 0 ? null : new SideSummary(sorted[0], sorted[sorted.Length / 2], sorted[^1]);
    }
}
