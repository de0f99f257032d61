using System.Reflection;
using TorchSharp;
using Xunit.v3;

[assembly: ByolSharp.Tests.HoldsTensors]

namespace ByolSharp.Tests;

/// <summary>
/// Keeps what a test makes on its thread until the test ends. The collector may otherwise free a tensor that only native code still reads, as
/// <c>x.detach().contiguous().bytes</c> does: wrong bytes, or the end of the process. Asynchronous tests change threads, which scopes do not follow.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class HoldsTensorsAttribute : BeforeAfterTestAttribute
{
    [ThreadStatic]
    private static DisposeScope? _scope;

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (methodUnderTest.ReturnType == typeof(void))
        {
            _scope = torch.NewDisposeScope();
        }
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        _scope?.Dispose();
        _scope = null;
    }
}
