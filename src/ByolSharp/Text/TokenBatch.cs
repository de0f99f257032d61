using System.IO.Hashing;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ByolSharp.Text;

/// <summary>Texts of about the same length, side by side.</summary>
/// <param name="Rows">Number of texts.</param>
/// <param name="Length">Tokens of the longest.</param>
/// <param name="Ids">[rows, length], 0 behind the end of a text.</param>
/// <param name="Lengths">Tokens of each.</param>
/// <param name="Hidden">Places of what is hidden, in [rows * length].</param>
internal sealed record TokenBucket(int Rows, int Length, long[] Ids, int[] Lengths, long[] Hidden);

/// <summary>A batch of texts in buckets (<see cref="LengthBuckets"/>).</summary>
internal sealed class TokenBatch
{
    private TokenBatch(List<TokenBucket> buckets, long[] places, ulong? dropKey) => (Buckets, Places, DropKey) = (buckets, places, dropKey);

    internal IReadOnlyList<TokenBucket> Buckets { get; }

    /// <summary>Where in the buckets, one after the other, each text of the batch is.</summary>
    internal long[] Places { get; }

    /// <summary>Seed of what is dropped inside the encoder, or null: nothing.</summary>
    internal ulong? DropKey { get; }

    /// <summary>Tokens of all texts.</summary>
    internal long Tokens => Buckets.Sum(bucket => bucket.Lengths.Sum(length => (long)length));

    /// <summary>Places that are computed, with those of padding.</summary>
    internal long Slots => Buckets.Sum(bucket => (long)bucket.Rows * bucket.Length);

    /// <summary>Sorts views into buckets.</summary>
    /// <param name="views">[N, <see cref="TextLayout.LengthFor"/>], on any device.</param>
    /// <param name="seesHidden">True shows what views hide.</param>
    /// <param name="maskToken">What stands in the place of hidden tokens.</param>
    internal static TokenBatch Of(Tensor views, bool seesHidden, int maskToken)
    {
        int count = (int)views.shape[0], width = (int)views.shape[1];
        float[] values;
        using (var plain = views.detach().cpu().contiguous())
        {
            values = plain.data<float>().ToArray();
        }
        int[] lengths = [.. Enumerable.Range(0, count).Select(row => LengthOf(values.AsSpan(row * width + TextLayout.Header, width - TextLayout.Header)))];
        var places = new long[count];
        var buckets = new List<TokenBucket>();
        int place = 0;
        foreach (int[] rows in LengthBuckets.Of(lengths))
        {
            buckets.Add(Bucket(rows, lengths[rows[0]]));
            foreach (int row in rows)
            {
                places[row] = place++;
            }
        }
        return new(buckets, places, KeyOf(values, width, seesHidden));

        TokenBucket Bucket(int[] rows, int longest)
        {
            var ids = new long[rows.Length * longest];
            var hidden = new List<long>();
            for (int i = 0; i < rows.Length; i++)
            {
                var tokens = values.AsSpan(rows[i] * width + TextLayout.Header, Math.Min(longest, lengths[rows[i]]));
                for (int t = 0; t < tokens.Length; t++)
                {
                    bool isHidden = tokens[t] < 0;
                    ids[i * longest + t] = isHidden && !seesHidden ? maskToken : Math.Max(0, (long)Math.Abs(tokens[t]) - 1);
                    if (isHidden)
                    {
                        hidden.Add(i * longest + t);
                    }
                }
            }
            return new(rows.Length, longest, ids, [.. rows.Select(row => lengths[row])], [.. hidden]);
        }
    }

    /// <summary>Tokens before the first zero; a void view counts as one, so that every view has a representation.</summary>
    private static int LengthOf(ReadOnlySpan<float> tokens) => Math.Max(1, tokens.IndexOf(0f) is >= 0 and int end ? end : tokens.Length);

    private static ulong? KeyOf(float[] values, int width, bool seesHidden)
    {
        float[] keys = [.. Enumerable.Range(0, values.Length / width).Select(row => values[row * width]).Select(key => seesHidden ? Math.Max(0, key) : key)];
        return Array.TrueForAll(keys, key => key == 0) ? null : XxHash64.HashToUInt64(MemoryMarshal.AsBytes<float>(keys));
    }
}
