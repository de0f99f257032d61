using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace ByolSharp.Export.Torch;

/// <summary>
/// Reads a pickle without executing anything: numbers, texts, lists, tuples and dictionaries are built, names stand for themselves, and what a
/// pickle wants to call goes to <see cref="TorchNames"/>, which knows how PyTorch writes tensors and refuses all else.
/// </summary>
/// <param name="file">The pickle, from its first byte on; may be followed by other data.</param>
/// <param name="path">For messages.</param>
internal sealed class PickleMachine(ReadOnlyMemory<byte> file, string path)
{
    /// <summary>Longest pickle that is read, in bytes; a network of 100,000 tensors needs about that. Every instruction may take fifty times its size.</summary>
    internal const int MaxLength = 32 << 20;

    private const int NewestProtocol = 5;
    private static readonly object Mark = new();
    private readonly List<object?> _stack = [];
    private readonly Dictionary<long, object?> _memo = [];

    /// <summary>Bytes read so far: after <see cref="Run"/>, the length of the pickle.</summary>
    public int Position { get; private set; }

    /// <summary>Reads up to the end of the pickle and gives its value.</summary>
    /// <exception cref="StorageException">It is damaged, or asks for something that is not on the list of harmless things.</exception>
    public object? Run()
    {
        while (true)
        {
            byte opcode = Take(1)[0];
            if (opcode == '.')
            {
                return Pop();
            }
            Step(opcode);
        }
    }

    private void Step(byte opcode)
    {
        switch (opcode)
        {
            case 0x80: Check(Take(1)[0] <= NewestProtocol, "it is of a newer protocol than 5"); break;
            case 0x95: Take(sizeof(long)); break; // a frame is only a hint for reading ahead
            case (byte)'(': _stack.Add(Mark); break;
            case (byte)'0': Pop(); break;
            case (byte)'N': _stack.Add(null); break;
            case 0x88 or 0x89: _stack.Add(opcode == 0x88); break;
            case (byte)'K': _stack.Add((long)Take(1)[0]); break;
            case (byte)'M': _stack.Add((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
            case (byte)'J': _stack.Add((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
            case 0x8A: _stack.Add(Integer(Take(Take(1)[0]))); break;
            case 0x8B: _stack.Add(Integer(Take(Length(4)))); break;
            case (byte)'G': _stack.Add(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
            case (byte)'I' or (byte)'L': _stack.Add(DecimalInteger(Line())); break;
            case (byte)'F': _stack.Add(Decimal(Line())); break;
            case (byte)'X' or (byte)'T': _stack.Add(Text(Length(4))); break;
            case 0x8C or (byte)'U': _stack.Add(Text(Take(1)[0])); break;
            case 0x8D: _stack.Add(Text(Length(8))); break;
            case (byte)'B': _stack.Add(Take(Length(4)).ToArray()); break;
            case (byte)'C': _stack.Add(Take(Take(1)[0]).ToArray()); break;
            case (byte)')': _stack.Add(new PickleTuple([])); break;
            case (byte)'t': _stack.Add(new PickleTuple(PopToMark())); break;
            case 0x85 or 0x86 or 0x87: _stack.Add(new PickleTuple(Pop(opcode - 0x84))); break;
            case (byte)']': _stack.Add(new List<object?>()); break;
            case (byte)'l': _stack.Add(new List<object?>(PopToMark())); break;
            case (byte)'a': Append(Pop(1)); break;
            case (byte)'e': Append(PopToMark()); break;
            case (byte)'}': _stack.Add(new Dictionary<object, object?>()); break;
            case (byte)'s': SetItems(Pop(2)); break;
            case (byte)'u': SetItems(PopToMark()); break;
            case (byte)'q': _memo[Take(1)[0]] = Top(); break;
            case (byte)'r': _memo[Length(4)] = Top(); break;
            case 0x94: _memo[_memo.Count] = Top(); break;
            case (byte)'h': Recall(Take(1)[0]); break;
            case (byte)'j': Recall(Length(4)); break;
            case (byte)'c': _stack.Add(TorchNames.Require(new PickleName(Line(), Line()), path)); break;
            case 0x93: NameFromStack(); break;
            case (byte)'R' or 0x81: Call(); break;
            case (byte)'b': Build(); break;
            case (byte)'Q': _stack.Add(TorchNames.Storage(Pop(), path)); break;
            default: throw Unsound($"it uses the instruction 0x{opcode:X2}, which no PyTorch weights need");
        }
    }

    private void Call()
    {
        object?[] call = Pop(2);
        Check(call is [PickleName, PickleTuple], "it calls something that is no name");
        _stack.Add(TorchNames.Call((PickleName)call[0]!, ((PickleTuple)call[1]!).Items, path));
    }

    /// <summary>State of an object: PyTorch gives its dictionaries the versions of their modules, which are of no use here.</summary>
    private void Build()
    {
        Pop();
        Check(Top() is Dictionary<object, object?>, "it sets the state of an object that is no dictionary");
    }

    private void NameFromStack()
    {
        object?[] parts = Pop(2);
        Check(parts is [string, string], "it asks for a name that is no text");
        _stack.Add(TorchNames.Require(new PickleName((string)parts[0]!, (string)parts[1]!), path));
    }

    private void Append(object?[] items)
    {
        Check(Top() is List<object?>, "it appends to something that is no list");
        ((List<object?>)Top()!).AddRange(items);
    }

    private void SetItems(object?[] items)
    {
        Check(Top() is Dictionary<object, object?> && items.Length % 2 == 0, "it sets items of something that is no dictionary");
        var dictionary = (Dictionary<object, object?>)Top()!;
        for (int i = 0; i < items.Length; i += 2)
        {
            Check(items[i] is string or long or PickleTuple, "a dictionary has a key that is neither text nor number");
            dictionary[items[i]!] = items[i + 1];
        }
    }

    private void Recall(long index)
    {
        Check(_memo.TryGetValue(index, out object? value), "it recalls what it has not stored");
        _stack.Add(value);
    }

    private object? Top()
    {
        Check(_stack.Count > 0 && _stack[^1] != Mark, "it takes more values than there are");
        return _stack[^1];
    }

    private object? Pop()
    {
        object? value = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object?[] Pop(int count)
    {
        var values = new object?[count];
        for (int i = count - 1; i >= 0; i--)
        {
            values[i] = Pop();
        }
        return values;
    }

    private object?[] PopToMark()
    {
        int mark = _stack.LastIndexOf(Mark);
        Check(mark >= 0, "it takes values back to a mark that is not there");
        object?[] values = [.. _stack.Skip(mark + 1)];
        _stack.RemoveRange(mark, _stack.Count - mark);
        return values;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        Check(length <= file.Length - Position, "it ends too early");
        Check(Position <= MaxLength, $"its pickle has more than {MaxLength} bytes");
        Position += length;
        return file.Span.Slice(Position - length, length);
    }

    private int Length(int bytes)
    {
        ReadOnlySpan<byte> value = Take(bytes);
        ulong length = bytes == 8 ? BinaryPrimitives.ReadUInt64LittleEndian(value) : BinaryPrimitives.ReadUInt32LittleEndian(value);
        Check(length <= int.MaxValue, "it ends too early");
        return (int)length;
    }

    private string Text(int length) => Encoding.UTF8.GetString(Take(length));

    private string Line()
    {
        int length = file.Span[Position..].IndexOf((byte)'\n');
        Check(length >= 0, "it ends too early");
        string line = Text(length);
        Position++;
        return line;
    }

    private static object Integer(ReadOnlySpan<byte> littleEndian)
    {
        var value = new BigInteger(littleEndian);
        return value >= long.MinValue && value <= long.MaxValue ? (long)value : value;
    }

    private object DecimalInteger(string line)
    {
        Check(long.TryParse(line.TrimEnd('L'), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value), "it holds a number that is none");
        return value;
    }

    private double Decimal(string line)
    {
        Check(double.TryParse(line, NumberStyles.Float, CultureInfo.InvariantCulture, out double value), "it holds a number that is none");
        return value;
    }

    private void Check(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw Unsound(otherwise);
        }
    }

    private StorageException Unsound(string what) => new($"'{path}' is no sound PyTorch file: {what}");
}
