namespace ByolSharp.Sources;

/// <summary>
/// A file to be read in small pieces with gaps between them. Its length is asked for once: a FileStream asks the system several times a tar header, which takes
/// longer than reading the header.
/// </summary>
internal sealed class FileOfKnownLength : Stream
{
    private const int BufferBytes = 1 << 14; // holds the headers of several small members
    private readonly FileStream _file;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private long _bufferStart;
    private int _bufferLength;

    internal FileOfKnownLength(string path)
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

    protected override void Dispose(bool disposing)
    {
        _file.Dispose();
        base.Dispose(disposing);
    }
}
