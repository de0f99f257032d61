using System.Buffers.Binary;
using System.Text;

namespace ByolSharp.Export.Onnx;

/// <summary>
/// A message in the wire format of protocol buffers, in which ONNX files are written. It keeps its parts as they are given, so weights are
/// copied once only, on their way to the file. The numbers of the fields are those of the ONNX specification (onnx.proto).
/// </summary>
internal sealed class OnnxMessage
{
    private const int VarintType = 0, BytesType = 2, Fixed32Type = 5, MaxVarint = 10;
    private readonly List<ReadOnlyMemory<byte>> _parts = [];

    /// <summary>Bytes of the message.</summary>
    public long Length { get; private set; }

    /// <summary>Adds an integer or an enumeration's value.</summary>
    public OnnxMessage Add(int field, long value) => AddTag(field, VarintType).AddVarint((ulong)value);

    /// <summary>Adds a list of integers.</summary>
    public OnnxMessage Add(int field, IEnumerable<long> values) => values.Aggregate(this, (message, value) => message.Add(field, value));

    /// <summary>Adds a number of single precision.</summary>
    public OnnxMessage Add(int field, float value)
    {
        var bytes = new byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        return AddTag(field, Fixed32Type).AddPart(bytes);
    }

    /// <summary>Adds a text.</summary>
    public OnnxMessage Add(int field, string text) => Add(field, Encoding.UTF8.GetBytes(text));

    /// <summary>Adds bytes, which must not change any more.</summary>
    public OnnxMessage Add(int field, byte[] bytes) => AddTag(field, BytesType).AddVarint((ulong)bytes.Length).AddPart(bytes);

    /// <summary>Adds a message, which must not change any more.</summary>
    public OnnxMessage Add(int field, OnnxMessage message)
    {
        AddTag(field, BytesType).AddVarint((ulong)message.Length);
        _parts.AddRange(message._parts);
        Length += message.Length;
        return this;
    }

    /// <summary>Writes all that was added.</summary>
    public void WriteTo(Stream stream)
    {
        foreach (var part in _parts)
        {
            stream.Write(part.Span);
        }
    }

    private OnnxMessage AddTag(int field, int type) => AddVarint((ulong)(field << 3 | type));

    private OnnxMessage AddVarint(ulong value)
    {
        Span<byte> bytes = stackalloc byte[MaxVarint];
        int length = 0;
        for (; value > 0x7F; value >>= 7)
        {
            bytes[length++] = (byte)(value | 0x80);
        }
        bytes[length++] = (byte)value;
        return AddPart(bytes[..length].ToArray());
    }

    private OnnxMessage AddPart(byte[] part)
    {
        _parts.Add(part);
        Length += part.Length;
        return this;
    }
}
