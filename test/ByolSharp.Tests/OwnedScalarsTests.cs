using Mono.Cecil;
using Mono.Cecil.Cil;

namespace ByolSharp.Tests;

/// <summary>
/// No number is given to native code that the garbage collector may free meanwhile (docs/design.md). Read from the compiled code, because the compiler and
/// TorchSharp both make such numbers where the source shows none.
/// </summary>
public sealed class OwnedScalarsTests
{
    private static readonly Lazy<HashSet<string>> UnsafeMethods = new(FindUnsafeMethods);

    [Fact]
    public void Every_number_has_an_owner_for_as_long_as_native_code_reads_it()
    {
        using var module = ModuleDefinition.ReadModule(typeof(Byol).Assembly.Location);

        var faults = Methods(module).SelectMany(method => Faults(method.Body).Select(fault => $"{method.FullName}: {fault}"));

        Assert.Empty(faults);
    }

    [Fact]
    public void What_is_looked_for_is_found()
    {
        using var module = ModuleDefinition.ReadModule(typeof(OwnedScalarsTests).Assembly.Location);
        var samples = module.GetType($"{typeof(OwnedScalarsTests).FullName}/{nameof(Samples)}").Methods.ToDictionary(method => method.Name, method => Faults(method.Body).Count());

        Assert.Equal(1, samples[nameof(Samples.Temporary)]);
        Assert.Equal(1, samples[nameof(Samples.NotDisposed)]);
        Assert.Equal(1, samples[nameof(Samples.MadeInside)]);
        Assert.Equal(0, samples[nameof(Samples.Owned)]);
    }

    private static IEnumerable<string> Faults(MethodBody body)
    {
        foreach (var instruction in body.Instructions)
        {
            if (instruction.Operand is not MethodReference called)
            {
                continue;
            }
            if (UnsafeMethods.Value.Contains(called.FullName))
            {
                yield return $"{called.Name} makes a number of its own";
            }
            if (MakesScalar(called) && !IsOwned(instruction.Next, body))
            {
                yield return "a temporary number";
            }
        }
    }

    /// <summary>Kept in a field, or in a variable that is disposed of after its last use.</summary>
    private static bool IsOwned(Instruction next, MethodBody body)
    {
        if (next.OpCode.Code is Code.Stfld or Code.Stsfld)
        {
            return true;
        }
        return VariableStored(next, body) is { } variable && body.Instructions.Any(instruction =>
            VariableLoaded(instruction, body) == variable && instruction.Next?.Operand is MethodReference { Name: nameof(IDisposable.Dispose) });
    }

    private static VariableDefinition? VariableStored(Instruction instruction, MethodBody body) => instruction.OpCode.Code switch
    {
        >= Code.Stloc_0 and <= Code.Stloc_3 => body.Variables[instruction.OpCode.Code - Code.Stloc_0],
        Code.Stloc or Code.Stloc_S => (VariableDefinition)instruction.Operand,
        _ => null,
    };

    private static VariableDefinition? VariableLoaded(Instruction instruction, MethodBody body) => instruction.OpCode.Code switch
    {
        >= Code.Ldloc_0 and <= Code.Ldloc_3 => body.Variables[instruction.OpCode.Code - Code.Ldloc_0],
        Code.Ldloc or Code.Ldloc_S => (VariableDefinition)instruction.Operand,
        _ => null,
    };

    private static bool MakesScalar(MethodReference method) =>
        method.ReturnType.FullName == "TorchSharp.Scalar" && method.DeclaringType.FullName is "TorchSharp.Scalar" or "TorchSharp.ScalarExtensionMethods";

    /// <summary>What of TorchSharp makes numbers without an owner, or calls something that does.</summary>
    private static HashSet<string> FindUnsafeMethods()
    {
        using var module = ModuleDefinition.ReadModule(typeof(TorchSharp.torch).Assembly.Location);
        var calls = Methods(module).Where(method => !MakesScalar(method)).ToDictionary(
            method => method.FullName,
            method => method.Body.Instructions.Select(instruction => instruction.Operand).OfType<MethodReference>().ToArray());
        var found = calls.Where(method => method.Value.Any(MakesScalar)).Select(method => method.Key).ToHashSet();
        for (int before = 0; before != found.Count;)
        {
            before = found.Count;
            found.UnionWith(calls.Where(method => method.Value.Any(called => found.Contains(called.FullName))).Select(method => method.Key));
        }
        return found;
    }

    private static IEnumerable<MethodDefinition> Methods(ModuleDefinition module) =>
        module.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody);

    private static class Samples
    {
        public static TorchSharp.torch.Tensor Temporary(TorchSharp.torch.Tensor x) => x.mul(2);

        public static TorchSharp.torch.Tensor MadeInside(TorchSharp.torch.Tensor x) => x.square();

        public static TorchSharp.torch.Tensor NotDisposed(TorchSharp.torch.Tensor x)
        {
            TorchSharp.Scalar two = 2;
            return x.mul(two).mul(two);
        }

        public static TorchSharp.torch.Tensor Owned(TorchSharp.torch.Tensor x)
        {
            using TorchSharp.Scalar two = 2;
            return x.mul(two).mul(two);
        }
    }
}
