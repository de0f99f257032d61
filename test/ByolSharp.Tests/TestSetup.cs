using System.Runtime.CompilerServices;

namespace ByolSharp.Tests;

internal static class TestSetup
{
    /// <summary>One thread a test: the tests run beside each other, and one thread gives the same bits everywhere.</summary>
    [ModuleInitializer]
    internal static void Prepare() => TorchRuntime.Initialize(threads: 1);
}
