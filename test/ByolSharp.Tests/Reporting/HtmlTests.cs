using System.Net;
using ByolSharp.Reporting;
using CsCheck;

namespace ByolSharp.Tests.Reporting;

public sealed class HtmlTests
{
    [Fact]
    public void Data_in_the_holes_is_encoded_and_markup_is_not() =>
        Assert.Equal(
            "<b title=\"&quot;&gt;&lt;script&gt;\">&amp; 1234.5 12%</b><i></i>",
            Html.Of($"<b title=\"{"\"><script>"}\">{"&"} {1234.5} {0.12:0%}</b>{Html.Of($"<i></i>")}").ToString());

    [Fact]
    public void Any_text_comes_back_as_it_was_and_holds_no_markup() => Gen.String[Gen.Char[' ', '~'], 0, 40].Sample(text =>
    {
        string encoded = Html.Text(text).ToString();

        Assert.Equal(text, WebUtility.HtmlDecode(encoded));
        Assert.DoesNotContain(encoded, c => c is '<' or '>' or '"' or '\'');
    });

    [Fact]
    public void Data_of_figures_cannot_end_their_script_element()
    {
        var figures = new Figures();
        figures.Bars("</script><script>alert(1)</script>", [("<!--", 0.5)]);

        string data = figures.Data().ToString();
        Assert.Equal(2, data.Count(c => c == '<'));
        Assert.StartsWith("<script type=\"application/json\" id=\"figures\">", data, StringComparison.Ordinal);
        Assert.EndsWith("</script>", data, StringComparison.Ordinal);
    }
}
