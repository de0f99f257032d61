using System.Diagnostics;
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
    private int[] _tiny = [];
    private int[][] _exact = [], _alike = [];
    private long _decodingTicks;

    private ImageDataScan(ImageDataset data, ImageScanOptions options)
    {
        _options = options;
        _facts = new ImageFacts[data.Count];
        _grids = new byte[(long)data.Count * PerceptualHash.GridLength];
        _names = [.. Enumerable.Range(0, data.Count).Select(data.NameOf)];
    }

    /// <summary>What was found.</summary>
    public ImageScanReport Report { get; private set; } = null!;

    /// <summary>Milliseconds of one core to read and decode an image, on average; from memory nearly nothing.</summary>
    public double DecodeMilliseconds => 1000.0 * _decodingTicks / Stopwatch.Frequency / Math.Max(1, Report.Readable);

    /// <summary>All samples that cannot be read.</summary>
    public Quarantine Quarantine { get; } = new();

    /// <summary>
    /// All that a training does better without, with the reasons: what cannot be read, tiny images, all but the first of images that repeat each
    /// other, and images that a test set holds as well.
    /// </summary>
    /// <param name="leakage">What was found in a test set; null for none.</param>
    public Quarantine ToLeaveOut(ImageLeakage? leakage = null)
    {
        var all = new Quarantine();
        foreach (var (name, reason) in Quarantine.Entries)
        {
            all.Add(name, reason);
        }
        foreach (int i in _tiny)
        {
            all.Add(_names[i], FormattableString.Invariant($"tiny: {_facts[i].Width}x{_facts[i].Height} pixels"));
        }
        foreach (var (test, train, isExact) in leakage?.Twins ?? [])
        {
            all.Add(train, $"{(isExact ? "same pixels as" : "looks like")} test image {test}");
        }
        AddCopies(_exact, "same pixels as");
        AddCopies(_alike, "looks like");
        return all;

        void AddCopies(int[][] groups, string what)
        {
            foreach (int[] group in groups)
            {
                foreach (int copy in group.Skip(1))
                {
                    all.Add(_names[copy], $"{what} {_names[group[0]]}");
                }
            }
        }
    }

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
        ILookup<UInt128, int> byPixels = mine.ToLookup(i => _facts[i].PixelHash);
        var exact = new HashSet<int>(theirs.Where(i => byPixels.Contains(test._facts[i].PixelHash)));
        var pairs = new List<(int Mine, int Theirs)>();
        LookAlikes both = new(
            [.. mine.Select(i => _facts[i].LookHash), .. theirs.Select(i => test._facts[i].LookHash)],
            [.. mine.Select(GridOf), .. theirs.Select(test.GridOf)]);
        both.Find(_options.NearDistance, (a, b) =>
        {
            if (a < mine.Length && b >= mine.Length && _facts[mine[a]].PixelHash != test._facts[theirs[b - mine.Length]].PixelHash)
            {
                pairs.Add((mine[a], theirs[b - mine.Length]));
            }
        }, cancellation);

        IEnumerable<LeakedImage> twins =
        [
            .. exact.Order().SelectMany(i => byPixels[test._facts[i].PixelHash].Select(m => new LeakedImage(test._names[i], _names[m], true))),
            .. pairs.OrderBy(p => p.Theirs).ThenBy(p => p.Mine).Select(p => new LeakedImage(test._names[p.Theirs], _names[p.Mine], false)),
        ];
        int near = pairs.Select(p => p.Theirs).Distinct().Count(i => !exact.Contains(i));
        return new ImageLeakage(theirs.Length, exact.Count, near, [.. twins.DistinctBy(t => t.Test).Take(_options.Examples)]) { Twins = [.. twins] };
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
                long started = Stopwatch.GetTimestamp();
                Image image = data.Read(index);
                Interlocked.Add(ref _decodingTicks, Stopwatch.GetTimestamp() - started);
                _facts[index] = ImageFacts.Of(image, GridOf(index).Span);
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
        _tiny = [.. readable.Where(i => Math.Min(_facts[i].Width, _facts[i].Height) < _options.TinySide)];
        _exact = [.. readable.GroupBy(i => _facts[i].PixelHash).Where(g => g.Skip(1).Any()).Select(g => g.ToArray())];
        _alike = FindAlike(readable, cancellation);
        return new ImageScanReport
        {
            Images = data.Count,
            Readable = readable.Length,
            Unreadable = data.Count - readable.Length,
            UnreadableReasons = Reasons(),
            Width = SideSummary.Of(readable.Select(i => _facts[i].Width)),
            Height = SideSummary.Of(readable.Select(i => _facts[i].Height)),
            Channels = new SortedDictionary<int, int>(readable.CountBy(i => _facts[i].Channels).ToDictionary()),
            PixelFormats = new SortedDictionary<string, int>(
                readable.CountBy(i => _facts[i].Format.ToString()).ToDictionary(), StringComparer.Ordinal),
            Tiny = new NamedImages(_tiny.Length, [.. _tiny.Take(_options.Examples).Select(i => _names[i])]),
            ExactDuplicates = Duplicates(_exact),
            NearDuplicates = Duplicates(_alike),
            LabelConflicts = _exact.Count(group => group.Select(i => labels[i]).Where(l => l >= 0).Distinct().Skip(1).Any()),
            Classes = data.ClassNames.Select((name, label) => (name, label))
                .ToDictionary(c => c.name, c => labelCounts.GetValueOrDefault(c.label), StringComparer.Ordinal),
            Unlabelled = labelCounts.GetValueOrDefault(ImageDataset.NoLabel),
            DecodedBytes = readable.Sum(i => _facts[i].SizeInBytes),
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
}
