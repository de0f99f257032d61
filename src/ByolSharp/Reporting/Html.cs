using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace ByolSharp.Reporting;

/// <summary>
/// Markup that is safe to put into a page: it is written by us, and whatever is interpolated into it was encoded. Class names, file names and
/// option values can so never become markup.
/// </summary>
public readonly record struct Html
{
    private readonly string? _markup;

    private Html(string markup) => _markup = markup;

    /// <summary>Nothing.</summary>
    public static Html Empty => default;

    /// <summary>True where there is nothing to show.</summary>
    public bool IsEmpty => string.IsNullOrEmpty(_markup);

    /// <summary>Markup with data in its holes, which are encoded unless they are <see cref="Html"/> themselves.</summary>
    public static Html Of(Markup markup) => new(markup.ToString());

    /// <summary>Data as text.</summary>
    public static Html Text(string? data) => new(WebUtility.HtmlEncode(data ?? ""));

    /// <summary>Markup, style or script of our own, as it is.</summary>
    internal static Html Raw(string own) => new(own);

    /// <summary>One after the other.</summary>
    public static Html Join(IEnumerable<Html> parts) => new(string.Concat(parts));

    /// <inheritdoc />
    public override string ToString() => _markup ?? "";

    /// <summary>Collects an interpolated string for <see cref="Of"/>.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Markup(int literalLength, int holes)
    {
        private readonly StringBuilder _text = new(literalLength + 16 * holes);

        /// <summary>Our own words.</summary>
        public void AppendLiteral(string own) => _text.Append(own);

        /// <summary>Markup that is safe already.</summary>
        public void AppendFormatted(Html safe) => _text.Append(safe._markup);

        /// <summary>Several of them.</summary>
        public void AppendFormatted(IEnumerable<Html> safe) => _text.AppendJoin("", safe);

        /// <summary>A text of the data.</summary>
        public void AppendFormatted(string? data) => _text.Append(WebUtility.HtmlEncode(data));

        /// <summary>A number of the data, written the same way everywhere.</summary>
        public void AppendFormatted<T>(T number, string? format = null) where T : IFormattable =>
            _text.Append(WebUtility.HtmlEncode(number.ToString(format, CultureInfo.InvariantCulture)));

        /// <inheritdoc />
        public override string ToString() => _text.ToString();
    }
}
