using System.Globalization;
using System.Text.Json.Nodes;

namespace Stolon.Comparison.Measuring;

/// <summary>A line of a trace file (docs/monitoring.md).</summary>
/// <param name="Name">For example <c>keeper.promote</c>.</param>
/// <param name="Who">The process.</param>
/// <param name="From">When it began, after the failure.</param>
/// <param name="To">When it ended.</param>
/// <param name="Note">What it decided, if it did.</param>
internal sealed record Step(string Name, string Who, TimeSpan From, TimeSpan To, string Note)
{
    /// <summary>Those that a failover is made of: not the daily looks and reports.</summary>
    public static IReadOnlyList<Step> Read(IEnumerable<string> files, DateTime failure, TimeSpan until)
    {
        var all = files.Where(File.Exists).SelectMany(file => File.ReadLines(file)).Where(line => line.EndsWith('}')).Select(line => JsonNode.Parse(line)!)
            .Select(node => (Node: node, Step: Of(node, failure)))
            .Where(pair => pair.Step.To >= TimeSpan.Zero && pair.Step.From <= until)
            .OrderBy(pair => pair.Step.From)
            .ToList();
        var converged = all.Where(pair => pair.Step.Name == "keeper.record_converged").Select(pair => (pair.Step.Who, pair.Step.To)).ToList();
        bool Matters((JsonNode Node, Step Step) pair) => pair.Step.Name switch
        {
            "keeper.read" or "sentinel.pass" => false,
            "proxy.check" => (bool?)pair.Node["opened"] == true || (bool?)pair.Node["closed"] == true,
            // The first report after something was carried out is the one that others wait for.
            "keeper.report" => converged.Exists(one => one.Who == pair.Step.Who && one == converged.FindLast(last => last.Who == one.Who && last.To <= pair.Step.From)
                && !all.Exists(other => other.Step.Name == "keeper.report" && other.Step.Who == one.Who && other.Step.From >= one.To && other.Step.From < pair.Step.From)),
            _ => true,
        };
        return [.. all.Where(Matters).Select(pair => pair.Step)];
    }

    private static Step Of(JsonNode node, DateTime failure)
    {
        var from = DateTime.Parse((string)node["start"]!, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind) - failure;
        var name = (string)node["name"]!;
        return new(name, (string?)node[name.Split('.')[0]] ?? "", from, from + TimeSpan.FromMilliseconds((double)node["ms"]!), (string?)node["decisions"] ?? "");
    }
}
