using Microsoft.Win32.SafeHandles;

namespace ByolSharp.Text.Sources;

/// <summary>
/// The records of a file from a place on, one at a time, in memory that the longest record bounds: lines, or rows of a table whose quoted cells may hold
/// line breaks. Blank records are passed over and counted, as are those that are too long to be held.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="start">Where a record starts, in bytes.</param>
/// <param name="quotes">Whether a line with an odd number of quotes goes on in the next one.</param>
/// <param name="bufferSize">Bytes read at a time.</param>
internal sealed class RecordReader(SafeFileHandle file, long start, bool quotes, int bufferSize = 8192)
{
    /// <summary>Longest record in bytes.</summary>
    internal const int Longest = 16 << 20;

    private byte[] _buffer = new byte[bufferSize];
    private long _position = start; // of the buffer's end in the file
    private int _from, _end;

    /// <summary>Where the present record starts in the file.</summary>
    internal long Offset { get; private set; }

    /// <summary>The present record, without its line break; valid until the next one.</summary>
    internal ReadOnlySpan<byte> Record => _buffer.AsSpan(_recordStart, _recordLength);

    /// <summary>Blank records passed over.</summary>
    internal int Blank { get; private set; }

    /// <summary>Records passed over because they are longer than <see cref="Longest"/>.</summary>
    internal int TooLong { get; private set; }

    private int _recordStart, _recordLength;

    /// <summary>Goes to the next record that is not blank; false at the end of the file.</summary>
    internal bool Next()
    {
        while (NextAny(out bool isTooLong))
        {
            if (isTooLong)
            {
                TooLong++;
            }
            else if (!IsBlank(Record))
            {
                return true;
            }
            else
            {
                Blank++;
            }
        }
        return false;
    }

    private bool NextAny(out bool isTooLong)
    {
        isTooLong = false;
        Offset = _position - (_end - _from);
        int searched = _from;
        bool inQuotes = false;
        while (true)
        {
            int found = EndOfLine(ref searched, ref inQuotes);
            if (found >= 0)
            {
                Take(found);
                isTooLong |= _recordLength > Longest;
                return true;
            }
            if (_end - _from > Longest)
            {
                isTooLong = true;
                (_from, searched) = (_end, _end); // forgets what it has, goes on to the line's end
            }
            int kept = searched - _from;
            if (!Fill())
            {
                bool isAny = _end > _from || isTooLong;
                Take(_end);
                return isAny;
            }
            searched = _from + kept;
        }
    }

    /// <summary>The line break that ends the record, or -1 where the buffer does not hold it.</summary>
    private int EndOfLine(ref int searched, ref bool inQuotes)
    {
        while (true)
        {
            var rest = _buffer.AsSpan(searched, _end - searched);
            int at = quotes ? rest.IndexOfAny((byte)'\n', (byte)'"') : rest.IndexOf((byte)'\n');
            if (at < 0)
            {
                searched = _end;
                return -1;
            }
            searched += at + 1;
            if (rest[at] == (byte)'"')
            {
                inQuotes = !inQuotes;
            }
            else if (!inQuotes)
            {
                return searched - 1;
            }
        }
    }

    private void Take(int end)
    {
        (_recordStart, _recordLength) = (_from, end - _from);
        if (_recordLength > 0 && _buffer[end - 1] == (byte)'\r')
        {
            _recordLength--;
        }
        _from = Math.Min(end + 1, _end);
    }

    /// <summary>Reads on, behind what is left; false at the end of the file.</summary>
    private bool Fill()
    {
        int left = _end - _from;
        if (_from > 0)
        {
            _buffer.AsSpan(_from, left).CopyTo(_buffer);
            (_from, _end) = (0, left);
        }
        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        }
        int read = RandomAccess.Read(file, _buffer.AsSpan(_end), _position);
        (_end, _position) = (_end + read, _position + read);
        return read > 0;
    }

    private static bool IsBlank(ReadOnlySpan<byte> record) => record.IndexOfAnyExcept(" \t\r"u8) < 0;
}
