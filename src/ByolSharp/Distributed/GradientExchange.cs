using ByolSharp.Optimizers;
using static TorchSharp.torch;

namespace ByolSharp.Distributed;

/// <summary>
/// Sums gradients over replicas while the backward pass computes the next ones: first those of the heads, then of block after block, in pieces of at least
/// a bucket (Li et al. 2020, "PyTorch Distributed", arXiv 2006.15704, section 3.2.3). What belongs to no block follows at the end.
/// </summary>
internal sealed class GradientExchange : IDisposable
{
    private readonly Tensor _gradients;
    private readonly IReplicas _replicas;
    private readonly IBackgroundSums _background;
    private readonly long _bucket;
    private readonly List<IDisposable> _hooks = [];
    private readonly List<Piece> _sent = [];
    private Piece _open;
    private Task _sums = Task.CompletedTask;
    private bool _isLastBackward;

    /// <summary>Places marks in the online network.</summary>
    /// <param name="byol">The model, its parameters in the arena.</param>
    /// <param name="arena">Parameters and gradients, on the CPU.</param>
    /// <param name="replicas">Also an <see cref="IBackgroundSums"/>.</param>
    /// <param name="bucketKilobytes">Smallest piece but the last.</param>
    internal GradientExchange(Byol byol, ParameterArena arena, IReplicas replicas, int bucketKilobytes)
    {
        (_gradients, _replicas, _background) = (arena.Gradients!, replicas, (IBackgroundSums)replicas);
        _bucket = bucketKilobytes * 1024L / sizeof(float);
        var (encoder, blocks) = (byol.Online.Encoder, byol.Online.Encoder.Chain);
        Mark(encoder, Piece.Of(arena, byol.Online.Projector, byol.Predictor));
        for (int i = 0; i + 1 < blocks.Count; i++)
        {
            Mark(blocks[i], Piece.Of(arena, blocks[i + 1]));
        }
    }

    /// <summary>Before the forward pass whose backward pass is the last of the step: what it reaches is final.</summary>
    internal void ExpectLastBackward()
    {
        _sent.Clear();
        (_open, _sums, _isLastBackward) = (default, Task.CompletedTask, true);
    }

    /// <summary>After the backward pass: sums what is left, and waits for all sums.</summary>
    internal void Finish()
    {
        _isLastBackward = false;
        SendOpen();
        foreach (var rest in Piece.Between(_sent, _gradients.numel()))
        {
            _replicas.Sum(Memory(rest));
        }
        _background.Await(_sums);
    }

    /// <inheritdoc />
    public void Dispose() => _hooks.ForEach(hook => hook.Dispose());

    private void Mark(nn.Module<Tensor, Tensor> module, Piece behind)
    {
        if (behind.Length > 0)
        {
            var hook = module.register_forward_hook((_, _, values) =>
                _isLastBackward && is_grad_enabled() && module.training ? GradientMark.At(values, () => Send(behind)) : values);
            _hooks.Add(new Removal(() => hook.remove()));
        }
    }

    /// <summary>Pieces come from the last to the first and mostly adjoin.</summary>
    private void Send(Piece piece)
    {
        if (piece.End != _open.Start)
        {
            SendOpen();
            _open = new(piece.End, 0);
        }
        _open = new(piece.Start, _open.Length + piece.Length);
        if (_open.Length >= _bucket)
        {
            SendOpen();
        }
    }

    private void SendOpen()
    {
        if (_open.Length > 0)
        {
            _sent.Add(_open);
            _sums = After(_sums, _open);
        }
        _open = default;
    }

    private async Task After(Task before, Piece piece)
    {
        await before.ConfigureAwait(false);
        await Task.Run(() => _background.SumInBackground(Memory(piece))).ConfigureAwait(false);
    }

    private Span<float> Memory(Piece piece) => new FlatMemory(_gradients).Slice(piece.Start, (int)piece.Length);

    /// <summary>A run of the gradients.</summary>
    private readonly record struct Piece(long Start, long Length)
    {
        internal long End => Start + Length;

        /// <summary>The gradients of modules that lie side by side; empty where they do not, or where some are frozen.</summary>
        internal static Piece Of(ParameterArena arena, params nn.Module[] modules)
        {
            using var scope = NewDisposeScope();
            TorchSharp.Modules.Parameter[] parameters = [.. modules.SelectMany(module => module.parameters())];
            if (parameters.Length == 0)
            {
                return default;
            }
            long start = parameters.Min(parameter => parameter.storage_offset()), end = parameters.Max(parameter => parameter.storage_offset() + parameter.numel());
            bool isWhole = parameters.Sum(parameter => parameter.numel()) == end - start && end <= arena.Values.numel();
            return isWhole ? new(start, end - start) : default;
        }

        /// <summary>What is left of all gradients.</summary>
        internal static IEnumerable<Piece> Between(IEnumerable<Piece> pieces, long length)
        {
            long at = 0;
            foreach (var piece in pieces.OrderBy(piece => piece.Start).Append(new(length, 0)))
            {
                if (piece.Start > at)
                {
                    yield return new(at, piece.Start - at);
                }
                at = piece.End;
            }
        }
    }

    private sealed class Removal(Action remove) : IDisposable
    {
        public void Dispose() => remove();
    }
}
