using System.Numerics;
using ByolSharp.Images.Scanning;
using CsCheck;

namespace ByolSharp.Tests.Images.Scanning;

public sealed class HammingPairsTests
{
    [Fact]
    public void Pairs_are_those_of_comparing_all_with_all_each_once() =>
        Gen.Select(Gen.Long, Gen.Int[0, 15], Gen.Int[0, 60]).Sample((seed, limit, count) =>
        {
            // Hashes in clusters, so that there are pairs at every distance.
            var random = new SampleRandom(seed);
            var hashes = new ulong[count];
            for (int i = 0; i < count; i++)
            {
                hashes[i] = i % 4 == 0 ? random.NextBits() : hashes[i - 1];
                for (int flips = random.NextInt(8); flips > 0; flips--)
                {
                    hashes[i] ^= 1UL << random.NextInt(64);
                }
            }

            var expected = new List<(int, int)>();
            for (int i = 0; i < count; i++)
            {
                expected.AddRange(Enumerable.Range(i + 1, count - i - 1)
                    .Where(j => BitOperations.PopCount(hashes[i] ^ hashes[j]) <= limit).Select(j => (i, j)));
            }

            var found = new List<(int, int)>();
            HammingPairs.Find(hashes, limit, (i, j) => found.Add((i, j)), TestContext.Current.CancellationToken);
            found.Sort();
            Assert.Equal(expected, found);
        }, iter: 300);
}
