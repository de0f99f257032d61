using System.Reflection;
using System.Runtime.CompilerServices;

namespace ByolSharp.Tests;

/// <summary>The public face of an assembly as text, a line a type or member, in an order that does not depend on the sources.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Describe(Assembly assembly) =>
        string.Concat(assembly.GetExportedTypes().OrderBy(NameOf, StringComparer.Ordinal).Select(type =>
            $"{Kind(type)} {NameOf(type)}{Bases(type)}\n"
            + string.Concat(type.GetMembers(Declared).Select(Line).OfType<string>().Order(StringComparer.Ordinal).Select(line => $"    {line}\n"))));

    private static string Kind(Type type) =>
        type.IsEnum ? "enum" : type.IsInterface ? "interface" : typeof(Delegate).IsAssignableFrom(type) ? "delegate" : type.IsValueType ? "struct"
        : type is { IsAbstract: true, IsSealed: true } ? "static class" : type.IsAbstract ? "abstract class" : type.IsSealed ? "sealed class" : "class";

    private static string Bases(Type type)
    {
        var inherited = type.BaseType?.GetInterfaces() ?? [];
        var bases = type.GetInterfaces().Except(inherited).Where(i => i.IsPublic).Select(NameOf).Order(StringComparer.Ordinal);
        bool hasBase = type.BaseType is { } b && b != typeof(object) && b != typeof(ValueType) && b != typeof(Enum) && b != typeof(MulticastDelegate);
        string text = string.Join(", ", hasBase ? bases.Prepend(NameOf(type.BaseType!)) : bases);
        return text.Length == 0 ? "" : $" : {text}";
    }

    private static string? Line(MemberInfo member) => member switch
    {
        FieldInfo { IsSpecialName: false } f when IsVisible(f) => f.IsLiteral
            ? $"const {NameOf(f.FieldType)} {f.Name} = {Value(f.GetRawConstantValue())}"
            : $"{(f.IsStatic ? "static " : "")}{NameOf(f.FieldType)} {f.Name}",
        PropertyInfo p when Accessors(p) is { Length: > 0 } accessors =>
            $"{Modifiers(p.GetMethod ?? p.SetMethod!)}{NameOf(p.PropertyType)} {p.Name}{Parameters(p.GetIndexParameters(), "[", "]")} {{ {accessors} }}",
        EventInfo e when IsVisible(e.AddMethod!) => $"event {NameOf(e.EventHandlerType!)} {e.Name}",
        ConstructorInfo c when IsVisible(c) => $"new{Parameters(c.GetParameters())}",
        MethodInfo m when m.IsDefined(typeof(CompilerGeneratedAttribute)) => null, // what every record has
        MethodInfo m when IsVisible(m) && (!m.IsSpecialName || m.Name.StartsWith("op_", StringComparison.Ordinal)) =>
            $"{Modifiers(m)}{NameOf(m.ReturnType)} {m.Name}{Generics(m.GetGenericArguments())}{Parameters(m.GetParameters())}",
        _ => null,
    };

    private static string Accessors(PropertyInfo p)
    {
        string? set = p.SetMethod is not { } s || !IsVisible(s) ? null
            : s.ReturnParameter.GetRequiredCustomModifiers().Any(m => m.Name == "IsExternalInit") ? "init;" : "set;";
        return string.Join(' ', new[] { p.GetMethod is { } g && IsVisible(g) ? "get;" : null, set }.OfType<string>());
    }

    private static bool IsVisible(MethodBase m) => m.IsPublic || m.IsFamily || m.IsFamilyOrAssembly;

    private static bool IsVisible(FieldInfo f) => f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly;

    private static string Modifiers(MethodInfo m) =>
        (m.IsPublic ? "" : "protected ") + (m.IsStatic ? "static " : m.IsAbstract && m.DeclaringType is { IsInterface: false } ? "abstract "
        : m.IsVirtual && !m.IsFinal && m.DeclaringType is { IsInterface: false, IsSealed: false } ? "virtual " : "");

    private static string Parameters(ParameterInfo[] parameters, string open = "(", string close = ")") => parameters.Length == 0 && open == "[" ? "" :
        open + string.Join(", ", parameters.Select(p =>
            $"{(p.IsOut ? "out " : p.ParameterType.IsByRef ? "ref " : "")}{NameOf(p.ParameterType)} {p.Name}{(p.HasDefaultValue ? $" = {Value(p.RawDefaultValue)}" : "")}")) + close;

    private static string Value(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => $"{value}".ToLowerInvariant(),
    };

    private static string Generics(Type[] arguments) => arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(NameOf))}>";

    private static string NameOf(Type type)
    {
        if (type.IsByRef || type.IsArray || type.IsPointer)
        {
            string element = NameOf(type.GetElementType()!);
            return type.IsByRef ? element : type.IsArray ? $"{element}[{new string(',', type.GetArrayRank() - 1)}]" : element + "*";
        }
        if (type.IsGenericParameter)
        {
            return type.Name;
        }
        string name = type.Name.Split('`')[0];
        string owner = type.IsNested ? NameOf(type.DeclaringType!) + "." : type.Namespace?.StartsWith("System", StringComparison.Ordinal) == true ? "" : type.Namespace + ".";
        return owner + name + Generics(type.GetGenericArguments());
    }
}
