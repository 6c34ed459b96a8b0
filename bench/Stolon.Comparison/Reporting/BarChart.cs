using System.Globalization;
using Stolon.Comparison.Measuring;

namespace Stolon.Comparison.Reporting;

/// <summary>Bars of medians, with a line from the least to the most: a group for each subject, a bar in it for each system.</summary>
internal static class BarChart
{
    private const double Left = 290;
    private const double Length = 470;
    private const double Right = 60;
    private const double Top = 56;
    private const double Thickness = 14;
    private const double BetweenGroups = 10;

    private static readonly string[] Colours = ["a", "b", "c"];

    /// <summary>Draws.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="axisLabel">What the axis shows, with its unit.</param>
    /// <param name="systems">The systems, in their order.</param>
    /// <param name="groups">The subjects with what was measured of each system; null = nothing.</param>
    /// <returns>The SVG.</returns>
    public static string Draw(string title, string axisLabel, IReadOnlyList<string> systems, IReadOnlyList<(string Label, IReadOnlyList<Statistics?> Values)> groups)
    {
        var height = Top + groups.Sum(group => GroupHeight(group.Values));
        var svg = new Svg(Left + Length + Right, height + 48, title);
        var most = groups.SelectMany(group => group.Values).Max(value => value?.Most ?? 0);
        var axis = new Axis(Left, Length, height, most > 0 ? most : 1);
        svg.Text(8, 18, title, "title");
        for (var at = 0; at < systems.Count; at++)
        {
            svg.Bar(8 + (180 * at), 30, 12, 12, Colours[at]);
            svg.Text(26 + (180 * at), 40, systems[at]);
        }

        svg.Draw(axis, Top - 4, axisLabel);
        var y = Top;
        foreach (var (label, values) in groups)
        {
            svg.Text(Left - 10, y + ((GroupHeight(values) - BetweenGroups) / 2) + 4, label, anchor: "end");
            foreach (var (value, at) in values.Select((value, at) => (value, at)).Where(pair => pair.value is not null))
            {
                Draw(svg, axis, y, value!.Value, Colours[at]);
                y += Thickness + 3;
            }

            y += BetweenGroups;
        }

        return svg.ToString();
    }

    private static double GroupHeight(IReadOnlyList<Statistics?> values) => (values.Count(value => value is not null) * (Thickness + 3)) + BetweenGroups;

    private static void Draw(Svg svg, Axis axis, double y, Statistics value, string colour)
    {
        svg.Bar(axis.Left, y, Math.Max(1, axis.At(value.Median) - axis.Left), Thickness, colour);
        svg.Line(axis.At(value.Least), y + (Thickness / 2), axis.At(value.Most), y + (Thickness / 2), "range");
        svg.Text(axis.At(value.Most) + 6, y + 11, value.Median.ToString("0.00", CultureInfo.InvariantCulture));
    }
}
