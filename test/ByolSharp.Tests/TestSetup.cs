using System.Runtime.CompilerServices;
using TorchSharp;

namespace ByolSharp.Tests;

internal static class TestSetup
{
    /// <summary>One thread a test: the tests run beside each other, and one thread gives the same bits everywhere.</summary>
    [ModuleInitializer]
    internal static void UseOneThread() => torch.set_num_threads(1);
}
