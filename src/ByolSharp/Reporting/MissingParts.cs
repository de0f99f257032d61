namespace ByolSharp.Reporting;

/// <summary>What a report could not show, and why: it says so instead of failing.</summary>
internal sealed class MissingParts
{
    private readonly List<string> _lines = [];

    /// <summary>A sentence for each part.</summary>
    internal IReadOnlyList<string> Lines => _lines;

    /// <summary>Notes a part.</summary>
    /// <param name="part">For people, such as "curves".</param>
    /// <param name="reason">Why, with or without a full stop.</param>
    internal void Add(string part, string reason) => _lines.Add($"{part}: {reason.TrimEnd('.')}.");
}
