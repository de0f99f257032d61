namespace ByolSharp.Sources;

/// <summary>
/// A tar file of which headers are read. Its length is asked for once: a FileStream asks the system several times a header, which takes longer than reading it.
/// Extended headers too long to be true are refused before .NET makes room for them.
/// </summary>
internal sealed class TarHeaders : Stream
{
    private const int BufferBytes = 1 << 14; // holds the headers of several small members
    private const int HeaderBytes = 512, LengthStart = 124, LengthBytes = 12, KindPlace = 156; // POSIX.1-1988, ustar
    private const int LongestExtension = 1 << 20; // a name, mostly
    private readonly FileStream _file;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private long _bufferStart;
    private int _bufferLength;

    internal TarHeaders(string path)
    {
        _file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        Length = _file.Length;
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position { get; set; }

    public override int Read(Span<byte> buffer)
    {
        if (Position < _bufferStart || Position >= _bufferStart + _bufferLength)
        {
            _bufferStart = Position;
            _bufferLength = RandomAccess.Read(_file.SafeFileHandle, _buffer, _bufferStart);
        }
        var there = _buffer.AsSpan(0, _bufferLength)[(int)(Position - _bufferStart)..];
        int count = Math.Min(there.Length, buffer.Length);
        there[..count].CopyTo(buffer);
        Position += count;
        if (count == HeaderBytes && buffer.Length == HeaderBytes)
        {
            RefuseLongExtension(buffer);
        }
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => Position = offset + (origin switch
    {
        SeekOrigin.Begin => 0,
        SeekOrigin.Current => Position,
        _ => Length,
    });

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>What follows such a header becomes a string as long as the header says, whatever the file has.</summary>
    private static void RefuseLongExtension(ReadOnlySpan<byte> header)
    {
        bool isExtension = (char)header[KindPlace] is 'x' or 'g' or 'L' or 'K'; // pax, and long names of GNU
        if (isExtension && LengthIn(header.Slice(LengthStart, LengthBytes)) > LongestExtension)
        {
            throw new InvalidDataException("an extended header is longer than 1 MiB");
        }
    }

    /// <summary>Octal digits, or a binary number behind a byte of 128 or more (GNU), which no extension needs.</summary>
    private static long LengthIn(ReadOnlySpan<byte> digits)
    {
        if (digits[0] >= 128)
        {
            return long.MaxValue;
        }
        long length = 0;
        foreach (byte digit in digits)
        {
            length = digit is >= (byte)'0' and <= (byte)'7' ? 8 * length + digit - '0' : length;
        }
        return length;
    }

    protected override void Dispose(bool disposing)
    {
        _file.Dispose();
        base.Dispose(disposing);
    }
}
