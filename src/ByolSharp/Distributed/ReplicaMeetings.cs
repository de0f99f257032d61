using System.Runtime.InteropServices;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Distributed;

/// <summary>Meetings over tensors, texts and decisions. Tensors of a GPU go through the memory of the CPU, unless replicas meet by NCCL.</summary>
public static class ReplicaMeetings
{
    /// <summary>True for the replica that prints and writes.</summary>
    public static bool IsFirst(this IReplicas replicas) => replicas.Rank == 0;

    /// <summary>True on every replica where it is on any.</summary>
    public static bool Any(this IReplicas replicas, bool value)
    {
        if (replicas.Count == 1)
        {
            return value;
        }
        Span<double> votes = [value ? 1 : 0];
        replicas.Sum(votes);
        return votes[0] > 0;
    }

    /// <summary>Does a long piece of work on each replica. Where one is cancelled, all are: nobody is left waiting in the next meeting.</summary>
    /// <exception cref="OperationCanceledException">The work of any replica was cancelled.</exception>
    internal static T UnlessCancelled<T>(this IReplicas replicas, Func<T> work, CancellationToken cancellation)
    {
        if (replicas.Count == 1)
        {
            return work();
        }
        T done = default!;
        bool isDone = true;
        try
        {
            done = work();
        }
        catch (OperationCanceledException)
        {
            isDone = false;
        }
        return replicas.Any(!isDone) ? throw new OperationCanceledException(cancellation) : done;
    }

    /// <summary>This replica's part of so many things: parts of all ranks follow one another and differ by one at most.</summary>
    internal static Range ShareOf(this IReplicas replicas, int count) =>
        (int)((long)count * replicas.Rank / replicas.Count)..(int)((long)count * (replicas.Rank + 1) / replicas.Count);

    /// <summary>Sums a tensor of floats or doubles over all replicas, in place.</summary>
    /// <param name="replicas">The replicas.</param>
    /// <param name="values">Of equal shape everywhere.</param>
    public static void Sum(this IReplicas replicas, Tensor values) => replicas.InMemory(values, (device, memory) => device.SumOnDevice(memory), memory =>
    {
        if (values.dtype == ScalarType.Float64)
        {
            replicas.Sum(MemoryMarshal.Cast<byte, double>(memory.bytes));
        }
        else
        {
            replicas.Sum(MemoryMarshal.Cast<byte, float>(memory.bytes));
        }
    });

    /// <summary>Replaces a tensor's values by those of the first replica.</summary>
    /// <inheritdoc cref="Sum(IReplicas, Tensor)" path="/param"/>
    public static void Broadcast(this IReplicas replicas, Tensor values) =>
        replicas.InMemory(values, (device, memory) => device.BroadcastOnDevice(memory), memory => replicas.Broadcast(memory.bytes));

    /// <summary>The rows of all replicas, rank after rank: [n, ...] to [count * n, ...].</summary>
    /// <inheritdoc cref="Sum(IReplicas, Tensor)" path="/param"/>
    public static Tensor Gather(this IReplicas replicas, Tensor values)
    {
        if (replicas.Count == 1)
        {
            return values;
        }
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        if (replicas is IDeviceReplicas device && values.device_type != DeviceType.CPU)
        {
            var there = values.contiguous();
            var together = empty([replicas.Count * there.shape[0], .. there.shape[1..]], there.dtype, there.device);
            device.GatherOnDevice(there, together);
            return together.MoveToOuterDisposeScope();
        }
        var mine = values.cpu().contiguous();
        var all = empty([replicas.Count * mine.shape[0], .. mine.shape[1..]], mine.dtype);
        replicas.Gather(mine.bytes, all.bytes);
        return all.to(values.device).MoveToOuterDisposeScope();
    }

    /// <summary>The text of the first replica.</summary>
    /// <param name="replicas">The replicas.</param>
    /// <param name="text">Counts on the first alone.</param>
    public static string Broadcast(this IReplicas replicas, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Span<int> length = [bytes.Length];
        replicas.Broadcast(MemoryMarshal.AsBytes(length));
        Array.Resize(ref bytes, length[0]);
        replicas.Broadcast(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>The texts of all replicas, rank after rank.</summary>
    /// <param name="replicas">The replicas.</param>
    /// <param name="text">This replica's.</param>
    public static string[] Gather(this IReplicas replicas, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int[] lengths = new int[replicas.Count];
        replicas.Gather(MemoryMarshal.AsBytes<int>([bytes.Length]), MemoryMarshal.AsBytes(lengths.AsSpan()));
        int room = lengths.Max();
        Array.Resize(ref bytes, room);
        byte[] all = new byte[room * replicas.Count];
        replicas.Gather(bytes, all);
        return [.. lengths.Select((length, rank) => Encoding.UTF8.GetString(all, rank * room, length))];
    }

    /// <summary>Shows the memory of a tensor to a meeting: its own, or a contiguous copy that is copied back; that of a GPU where replicas meet there.</summary>
    private static void InMemory(this IReplicas replicas, Tensor values, Action<IDeviceReplicas, Tensor> meetOnDevice, Action<Tensor> meet)
    {
        if (replicas.Count == 1)
        {
            return;
        }
        var device = values.device_type == DeviceType.CPU ? null : replicas as IDeviceReplicas;
        Action<Tensor> where = device is null ? meet : memory => meetOnDevice(device, memory);
        if (values.is_contiguous() && (device is not null || values.device_type == DeviceType.CPU))
        {
            where(values);
            return;
        }
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var copy = (device is null ? values.cpu() : values).contiguous();
        where(copy);
        values.copy_(copy);
    }
}
