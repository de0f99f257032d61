using ByolSharp.Training;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Training;

public sealed class LidarTests
{
    private const double Delta = 1e-4;

    [Fact]
    public void A_cross_of_four_samples_gives_the_value_computed_by_hand()
    {
        using var scope = NewDisposeScope();
        const double a = 3, b = 1, s = 0.5, t = 0.2;
        // Means (a, 0), (-a, 0), (0, b), (0, -b): between = diag(a^2, b^2) / 2. Views at +-s and +-t around them: within = diag(s^2, t^2) / 2.
        var means = tensor(new[,] { { a, 0 }, { -a, 0 }, { 0, b }, { 0, -b } });
        var offsets = tensor(new[,] { { s, 0 }, { -s, 0 }, { 0, t }, { 0, -t } });
        double first = a * a / (s * s + 2 * Delta), second = b * b / (t * t + 2 * Delta);
        double p = first / (first + second);

        Assert.Equal(Math.Exp(-p * Math.Log(p) - (1 - p) * Math.Log(1 - p)), Lidar.Of(means.unsqueeze(1) + offsets.unsqueeze(0)), 1e-5);
    }

    [Theory, InlineData(30, 5), InlineData(6, 20)]
    public void It_is_the_definition_with_the_root_of_the_scatter(int samples, int size)
    {
        using var scope = NewDisposeScope();
        var views = Views(samples, 4, size, noise: 0.7);

        Assert.Equal(Naive(views), Lidar.Of(views), 1e-6);
    }

    [Fact]
    public void Samples_on_one_line_have_rank_one_whatever_the_noise()
    {
        using var scope = NewDisposeScope();
        var line = RandomRows.Normal(200, 1, 1).mm(RandomRows.Normal(1, 8, 2)).unsqueeze(1).expand(200, 4, 8);
        var noise = RandomRows.Normal(800, 8, 3).view(200, 4, 8) * 0.01;

        Assert.Equal(1, Lidar.Of(line + noise), 0.02);
        Assert.InRange(RankMe.Of((line + noise * 30).reshape(-1, 8)), 2, 8); // where the plain rank counts the noise
    }

    [Fact]
    public void Directions_that_tell_samples_apart_equally_all_count()
    {
        using var scope = NewDisposeScope();

        Assert.Equal(8, Lidar.Of(Views(3000, 4, 8, noise: 0.1)), 0.05);
    }

    [Fact]
    public void Noise_that_differs_between_the_views_of_a_sample_adds_no_rank()
    {
        using var scope = NewDisposeScope();
        var signal = Views(500, 8, 4, noise: 0.1);
        var noise = RandomRows.Normal(4000, 12, 9).view(500, 8, 12);

        Assert.InRange(Lidar.Of(cat([signal, noise], 2)), 3.9, 4.2);
    }

    [Fact]
    public void Neither_a_rotation_nor_a_shift_matters_and_a_scale_only_through_delta()
    {
        using var scope = NewDisposeScope();
        var views = Views(60, 4, 6, noise: 1) * tensor(new[] { 3.0, 2, 1, 1, 0.5, 0.5 });
        double plain = Lidar.Of(views);

        Assert.Equal(plain, Lidar.Of(views.matmul(RandomRows.Rotation(6, 5)) + 7), 1e-6);
        Assert.Equal(plain, Lidar.Of(views * 50), 1e-2);
        Assert.NotEqual(plain, Lidar.Of(views * 0.01), 1e-2);
    }

    [Fact]
    public void One_sample_or_one_view_says_nothing_and_is_refused()
    {
        using var scope = NewDisposeScope();

        Assert.Throws<ArgumentOutOfRangeException>(() => Lidar.Of(ones(1, 4, 3)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Lidar.Of(ones(4, 1, 3)));
    }

    private static Tensor Views(int samples, int views, int size, double noise) =>
        RandomRows.Normal(samples, size, 1).unsqueeze(1) + noise * RandomRows.Normal(samples * views, size, 2).view(samples, views, size);

    /// <summary>Sums over samples and views, an inverse root by eigenvectors, and all eigenvalues.</summary>
    private static double Naive(Tensor views)
    {
        long samples = views.shape[0], count = views.shape[1], size = views.shape[2];
        var mean = views.mean([0, 1]);
        Tensor between = zeros(size, size, dtype: ScalarType.Float64), within = Delta * eye(size, dtype: ScalarType.Float64);
        for (long i = 0; i < samples; i++)
        {
            var own = views[i].mean([0]);
            between += (own - mean).outer(own - mean) / samples;
            for (long j = 0; j < count; j++)
            {
                within += (views[i, j] - own).outer(views[i, j] - own) / (samples * count);
            }
        }
        var (values, vectors) = linalg.eigh(within);
        var root = vectors.mm(diag(values.rsqrt())).mm(vectors.t());
        double[] lambda = [.. linalg.eigvalsh(root.mm(between).mm(root)).data<double>().ToArray().Select(e => Math.Max(0, e))];
        return Math.Exp(-lambda.Select(l => l / lambda.Sum() + 1e-7).Sum(p => p * Math.Log(p)));
    }
}
