using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>
/// A thread that computes the second view while the caller computes the first. The views meet only in the loss, so two lanes with half of the
/// cores each wait for one another twice a step, where two threads inside every operation do so thousands of times.
/// </summary>
internal sealed class SecondLane : IDisposable
{
    [ThreadStatic]
    private static bool t_isCurrent;

    private readonly SemaphoreSlim _started = new(0), _finished = new(0);
    private readonly Thread _thread;
    private Action? _work;
    private Exception? _failure;

    /// <summary>Starts the thread, which waits for work.</summary>
    /// <param name="threads">Compute threads of this lane, and of the caller's while both work.</param>
    internal SecondLane(int threads)
    {
        Threads = threads;
        _thread = new Thread(Work) { IsBackground = true, Name = "second view" };
        _thread.Start();
    }

    /// <summary>True on the second lane's thread: what it measures of a batch counts after the first lane's.</summary>
    internal static bool IsCurrent => t_isCurrent;

    /// <summary>Compute threads of each lane.</summary>
    internal int Threads { get; }

    /// <summary>Runs both at once and returns when both are done. Tensors that <paramref name="second"/> makes are in no dispose scope of the caller's.</summary>
    internal (T First, T Second) Run<T>(Func<T> first, Func<T> second)
    {
        T result1, result2 = default!;
        _work = () => result2 = second();
        _started.Release();
        try
        {
            result1 = first();
        }
        finally
        {
            _finished.Wait(); // never leave while the other lane still uses what the caller may dispose
        }
        if (Interlocked.Exchange(ref _failure, null) is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
        return (result1, result2);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _work = null;
        _started.Release();
        _thread.Join();
        _started.Dispose();
        _finished.Dispose();
    }

    private void Work()
    {
        t_isCurrent = true;
        set_num_threads(Threads); // OpenMP keeps this number for each thread by itself
        while (true)
        {
            _started.Wait();
            if (_work is not { } work)
            {
                return;
            }
            try
            {
                work();
            }
            catch (Exception failure)
            {
                _failure = failure;
            }
            _finished.Release();
        }
    }
}
