using System.Collections.Immutable;
using System.Globalization;
using Stolon.Cluster;

namespace Stolon.Postgres;

/// <summary>The content of a timeline history file, <c>00000003.history</c>, or of <c>TIMELINE_HISTORY</c>.</summary>
public static class TimelineHistoryFile
{
    /// <summary>How many switches keepers report (K9).</summary>
    public const int ReportedSwitches = 2;

    private static readonly char[] Blanks = [' ', '\t'];

    /// <summary>Reads the last switches.</summary>
    /// <param name="content">The file's content.</param>
    /// <param name="last">How many, at most.</param>
    /// <returns>The switches, oldest first.</returns>
    /// <exception cref="FormatException">A line is neither empty, nor a comment, nor a switch.</exception>
    public static ValueList<TimelineSwitch> Parse(string content, int last = ReportedSwitches)
    {
        var switches = ImmutableArray.CreateBuilder<TimelineSwitch>();
        foreach (var line in content.Split('\n').Select(line => line.Trim()))
        {
            if (line.Length > 0 && line[0] != '#')
            {
                switches.Add(ParseLine(line));
            }
        }

        return switches.TakeLast(last).ToValueList();
    }

    private static TimelineSwitch ParseLine(string line) =>
        line.Split(Blanks, 3, StringSplitOptions.RemoveEmptyEntries) is [var timeline, var position, .. var reason]
        && uint.TryParse(timeline, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        && Lsn.TryParse(position, out var switchPoint)
            ? new TimelineSwitch(id, switchPoint, reason is [var text] ? text.Trim() : "")
            : throw new FormatException($"expected a timeline, a position and a reason in a history file, found: {line}");
}
