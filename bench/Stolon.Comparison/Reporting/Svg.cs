using System.Globalization;
using System.Net;
using System.Text;

namespace Stolon.Comparison.Reporting;

/// <summary>A drawing that can be read on a light and on a dark page: it has no background, and its text follows the reader's choice.</summary>
internal sealed class Svg(double width, double height, string title)
{
    private const string Style = """
        text { font: 12px system-ui, sans-serif; fill: #1f2328 }
        .title { font-weight: 600; font-size: 14px } .quiet { fill: #59636e }
        line { stroke: #8c959f; stroke-width: 1 } .grid { stroke-opacity: .35 } .range { stroke: #1f2328; stroke-width: 1.5 }
        .a { fill: #2f81f7 } .b { fill: #db6d28 } .c { fill: #2da44e }
        @media (prefers-color-scheme: dark) { text { fill: #f0f6fc } .quiet { fill: #9198a1 } .range { stroke: #f0f6fc } }
        """;

    private readonly StringBuilder body = new();

    public void Text(double x, double y, string text, string kind = "", string anchor = "start") =>
        body.Append(Invariant($"""<text x="{x:0.##}" y="{y:0.##}" class="{kind}" text-anchor="{anchor}">{WebUtility.HtmlEncode(text)}</text>""")).Append('\n');

    public void Line(double x1, double y1, double x2, double y2, string kind = "") =>
        body.Append(Invariant($"""<line x1="{x1:0.##}" y1="{y1:0.##}" x2="{x2:0.##}" y2="{y2:0.##}" class="{kind}"/>""")).Append('\n');

    public void Bar(double x, double y, double length, double thickness, string kind) =>
        body.Append(Invariant($"""<rect x="{x:0.##}" y="{y:0.##}" width="{length:0.##}" height="{thickness:0.##}" rx="1.5" class="{kind}"/>""")).Append('\n');

    /// <summary>A horizontal axis with marks at round numbers, and a line upwards at each.</summary>
    /// <param name="axis">Where and how far.</param>
    /// <param name="top">Where the lines end.</param>
    /// <param name="label">What it shows, with its unit.</param>
    public void Draw(Axis axis, double top, string label)
    {
        foreach (var mark in axis.Marks())
        {
            Line(axis.At(mark), top, axis.At(mark), axis.Y, "grid");
            Text(axis.At(mark), axis.Y + 16, mark.ToString("0.####", CultureInfo.InvariantCulture), "quiet", "middle");
        }

        Line(axis.Left, axis.Y, axis.Left + axis.Length, axis.Y);
        Text(axis.Left + (axis.Length / 2), axis.Y + 34, label, "quiet", "middle");
    }

    public override string ToString() => Invariant($"""
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:0.##} {height:0.##}" width="{width:0.##}" height="{height:0.##}" role="img">
        <title>{WebUtility.HtmlEncode(title)}</title>
        <style>{Style}</style>
        {body}</svg>

        """);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}

/// <summary>A horizontal axis from zero on.</summary>
/// <param name="Left">Where zero is.</param>
/// <param name="Length">How long it is.</param>
/// <param name="Y">Its height on the page.</param>
/// <param name="Most">The value at its end; above zero.</param>
internal sealed record Axis(double Left, double Length, double Y, double Most)
{
    private const int MostMarks = 8;

    /// <summary>Where a value is.</summary>
    public double At(double value) => Left + (Length * value / Most);

    /// <summary>Round numbers: multiples of 1, 2 or 5 and a power of ten, eight at most beside zero.</summary>
    public IEnumerable<double> Marks()
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(Most / MostMarks)));
        var step = new[] { 1, 2, 5, 10 }.Select(factor => factor * power).First(step => Most / step <= MostMarks);
        return Enumerable.Range(0, 1 + (int)(Most / step * (1 + 1e-9))).Select(mark => mark * step);
    }
}
