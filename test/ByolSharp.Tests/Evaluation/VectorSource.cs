using ByolSharp.Evaluation;
using ByolSharp.Sources;

namespace ByolSharp.Tests.Evaluation;

/// <summary>Labelled vectors; their augmented views are themselves, with noise where asked for.</summary>
internal sealed class VectorSource(FeatureSet set, double noise = 0) : ITrainingSource
{
    public int Count => set.Count;

    public IReadOnlyList<long> ViewShape => [set.Size];

    public IReadOnlyList<string> ClassNames => set.ClassNames;

    public string NameOf(int index) => set.Names[index];

    public int LabelOf(int index) => set.Labels[index];

    public Quarantine Quarantine { get; } = new();

    public void Render(int index, Span<float> view) => set[index].CopyTo(view);

    public IViewSource Augmented(IReadOnlyList<int> samples, long seed) => new Noisy(set.Select(samples), noise, seed);

    private sealed class Noisy(FeatureSet set, double noise, long seed) : IViewSource
    {
        public int Count => set.Count;

        public int ViewCount => 1;

        public IReadOnlyList<long> ViewShape => [set.Size];

        public int LabelOf(int index) => set.Labels[index];

        public void Draw(long epoch, int index, ViewSpans views)
        {
            var v1 = views[0];
            var random = new SampleRandom(seed, epoch, index);
            for (int j = 0; j < v1.Length; j++)
            {
                v1[j] = set[index][j] + (noise > 0 ? (float)(noise * random.NextNormal()) : 0);
            }
        }
    }
}
