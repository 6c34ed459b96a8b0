using System.Globalization;
using Stolon.Comparison.Measuring;

namespace Stolon.Comparison.Reporting;

/// <summary>The steps of one failure: a line for each, from its beginning to its end.</summary>
internal static class WaterfallChart
{
    private const double Left = 270;
    private const double Length = 430;
    private const double Right = 190;
    private const double Top = 40;
    private const double Row = 18;
    private const double Thickness = 11;
    private const double Shortest = 2;

    private const int LongestNote = 32;

    /// <summary>Before a pause of so many seconds nothing is drawn: only silence can tell then, and silence takes its time.</summary>
    private const double LongPause = 1;

    /// <summary>Draws.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="waterfall">The steps.</param>
    /// <returns>The SVG.</returns>
    public static string Draw(string title, Waterfall waterfall)
    {
        var starts = waterfall.Steps.Select(step => step.From.TotalSeconds).ToList();
        var first = starts.Zip(starts.Skip(1), (left, right) => right - left).ToList().FindLastIndex(pause => pause > LongPause) + 1;
        var since = first > 0 || starts.FirstOrDefault() > LongPause ? Math.Floor((starts[first] * 10) - 0.5) / 10 : 0;
        var steps = waterfall.Steps.Skip(first).ToList();
        var height = Top + (Row * (steps.Count + 1));
        var svg = new Svg(Left + Length + Right, height + 48, title);
        var axis = new Axis(Left, Length, height, waterfall.Outage.TotalSeconds + 0.1 - since);
        svg.Text(8, 18, title, "title");
        svg.Draw(axis, Top - 6, since > 0 ? string.Create(CultureInfo.InvariantCulture, $"seconds, from {since:0.0} s after the failure on") : "seconds after the failure");
        var y = Top;
        foreach (var step in steps)
        {
            var from = Math.Max(0, step.From.TotalSeconds - since);
            var to = Math.Max(from, Math.Min(axis.Most, step.To.TotalSeconds - since));
            svg.Text(Left - 8, y + 10, $"{step.Name} ({step.Who})", anchor: "end");
            svg.Bar(axis.At(from), y, Math.Max(Shortest, axis.At(to) - axis.At(from)), Thickness, Colour(step.Name));
            svg.Text(axis.At(to) + 6, y + 10, string.Create(CultureInfo.InvariantCulture, $"{(step.To - step.From).TotalMilliseconds:0} ms {Short(step.Note)}").Trim(), "quiet");
            y += Row;
        }

        svg.Text(Left - 8, y + 10, "first write", anchor: "end");
        svg.Line(axis.At(waterfall.Outage.TotalSeconds - since), Top - 6, axis.At(waterfall.Outage.TotalSeconds - since), y + Thickness, "range");
        return svg.ToString();
    }

    private static string Short(string note) =>
        note.Length > LongestNote && note.LastIndexOf(' ', LongestNote) is var end and > 0 ? note[..end] + " …" : note;

    private static string Colour(string step) => step.Split('.')[0] switch
    {
        "sentinel" => "b",
        "proxy" => "c",
        _ => "a",
    };
}
