using System.Globalization;
using System.Text;
using Stolon.Comparison.Measuring;

namespace Stolon.Comparison.Reporting;

/// <summary>What a report is made of.</summary>
/// <param name="Results">What was measured.</param>
/// <param name="Machine">Where and with what.</param>
/// <param name="Arguments">The command's arguments.</param>
/// <param name="Runs">How often.</param>
/// <param name="Synchronous">With synchronous replication.</param>
/// <param name="IdleTime">How long the clusters were watched at rest.</param>
/// <param name="PlannerReport">A file with a table of BenchmarkDotNet; null = none.</param>
internal sealed record ReportInput(
    Results Results, IReadOnlyList<(string Name, string Text)> Machine, string Arguments, int Runs, bool Synchronous, TimeSpan IdleTime, string? PlannerReport);

/// <summary>Writes the page and its plots. It says only what was measured in this run.</summary>
internal static class Report
{
    private const string Plots = "benchmarks";

    /// <summary>Writes.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="input">What.</param>
    /// <returns>The page.</returns>
    public static async Task<string> WriteAsync(string folder, ReportInput input)
    {
        var plots = Directory.CreateDirectory(Path.Combine(folder, Plots)).FullName;
        foreach (var old in Directory.EnumerateFiles(plots, "*.svg"))
        {
            File.Delete(old);
        }

        var results = input.Results;
        string[] systems = [.. results.Samples.Select(sample => sample.System).Distinct()];
        var page = new StringBuilder();
        Begin(page, input);
        var times = Subjects.Times.Where(subject => systems.Any(system => results.Of(subject.Key, system) is not null)).ToList();
        if (times.Count > 0)
        {
            page.Append("\n## How long writes were not possible\n\n");
            page.Append("Seconds, median (least to most), and acknowledged rows that were missing afterwards, in all runs.\n\n");
            page.Append($"![How long writes were not possible]({Plots}/times.svg)\n\n");
            Table(page, ["what", .. systems.SelectMany(system => new[] { system, "lost rows" })], times.Select(subject => TimeRow(results, systems, subject)));
            var chart = BarChart.Draw("How long writes were not possible: median, least to most", "seconds", systems,
                [.. times.Select(subject => (subject.Value, (IReadOnlyList<Statistics?>)[.. systems.Select(system => results.Of(subject.Key, system))]))]);
            await File.WriteAllTextAsync(Path.Combine(plots, "times.svg"), chart);
        }

        AddRefused(page, results, systems);
        AddRest(page, input, systems);
        await AddWaterfallsAsync(page, results, plots);
        if (input.PlannerReport is { } planner)
        {
            page.Append("\n## The planner\n\nOne pass beside the store: observing all reports and planning; and finding out that a steady plan need not be written.\n");
            page.Append("Measured with BenchmarkDotNet (`bench/Stolon.Benchmarks`).\n\n").Append((await File.ReadAllTextAsync(planner)).Trim()).Append('\n');
        }

        await File.WriteAllTextAsync(Path.Combine(plots, "runs.csv"), Csv(results));
        var path = Path.Combine(folder, "benchmarks.md");
        await File.WriteAllTextAsync(path, page.ToString());
        return path;
    }

    private static void Begin(StringBuilder page, ReportInput input)
    {
        var date = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        page.Append("# Benchmarks\n\n");
        page.Append($"Written by `bench/run.sh` on {date}: {input.Runs} run(s), {(input.Synchronous ? "synchronous" : "asynchronous")} replication. ");
        page.Append($"Every value of every run: [runs.csv]({Plots}/runs.csv). The command: `{$"bench/run.sh {Asked(input.Arguments)}".Trim()}`.\n\n");
        page.Append("Each run makes a fresh cluster of each system, one after the other: one etcd, three members, all on this machine. A client inserts a row every 10 ms\n");
        page.Append("through the proxy, one after the other, and connects again when it was cut. What is killed or frozen is all of it at once (SIGKILL, SIGSTOP): the\n");
        page.Append("manager with PostgreSQL; for a node also one of two proxies and the leading sentinel. The time is that from the failure to the first acknowledged write\n");
        page.Append("after the longest gap. Ours has what `init` writes, Patroni its defaults (ttl 30, loop_wait 10), HAProxy the settings of the template that Patroni ships.\n\n");
        Table(page, ["", ""], input.Machine.Select(fact => new[] { fact.Name, fact.Text }));
    }

    /// <summary>Without what the script adds, and where the page goes.</summary>
    private static string Asked(string arguments)
    {
        var words = arguments.Split(' ');
        string[] added = ["--stolon", "--pg-bin-path", "--planner-report", "--out"];
        return string.Join(' ', words.Where((word, at) => !added.Contains(word, StringComparer.Ordinal) && (at == 0 || !added.Contains(words[at - 1], StringComparer.Ordinal))));
    }

    private static string[] TimeRow(Results results, string[] systems, KeyValuePair<string, string> subject) =>
    [
        subject.Value,
        .. systems.SelectMany(system => new[]
        {
            Text(results.Of(subject.Key, system), "0.00"),
            results.Of(Subjects.LostIn(subject.Key), system) is not null ? Number(Total(results, subject.Key, system), "0") : "",
        }),
    ];

    private static double Total(Results results, string what, string system) =>
        results.Samples.Where(sample => sample.What == Subjects.LostIn(what) && sample.System == system).Sum(sample => sample.Value);

    private static void AddRefused(StringBuilder page, Results results, string[] systems)
    {
        foreach (var system in systems)
        {
            if (results.Of(Subjects.Refused, system) is { } refused)
            {
                page.Append($"\n{system}: a client that opened a new connection every 50 ms during the switchovers was refused {Text(refused, "0")} times.\n");
            }
        }
    }

    private static void AddRest(StringBuilder page, ReportInput input, string[] systems)
    {
        var results = input.Results;
        var roles = results.Samples.Where(sample => sample.What.StartsWith("cpu-", StringComparison.Ordinal))
            .Select(sample => (sample.System, Role: sample.What["cpu-".Length..])).Distinct().ToList();
        if (roles.Count == 0)
        {
            return;
        }

        page.Append($"\n## At rest\n\nThree members and one proxy (ours: and one sentinel), without clients, for {Number(input.IdleTime.TotalSeconds, "0")} s after a warm-up: processor time of each process with the\n");
        page.Append("programs that it runs, PostgreSQL left out, and its resident memory. Median (least to most).\n\n");
        Table(page, ["process", "processor, % of a core", "memory, MB"], roles.Select(role => new[]
        {
            $"{role.System}: {role.Role}", Text(results.Of(Subjects.ProcessorOf(role.Role), role.System), "0.00"),
            Text(results.Of(Subjects.MemoryOf(role.Role), role.System), "0"),
        }));
        page.Append("\nWrites to etcd, per second and cluster (keeping leases alive is none): ");
        page.Append(string.Join("; ", systems.Select(system => $"{system} {Text(results.Of(Subjects.StoreWrites, system), "0.0")}"))).Append(".\n");
    }

    private static async Task AddWaterfallsAsync(StringBuilder page, Results results, string plots)
    {
        var all = results.TypicalWaterfalls().ToList();
        if (all.Count > 0)
        {
            page.Append("\n## Steps of a failover\n\nThe run of the median length, from the [activities](monitoring.md#steps) of our processes. The line is the first write.\n");
        }

        foreach (var waterfall in all)
        {
            var title = Subjects.Times[waterfall.What];
            page.Append($"\n![{title}, step by step]({Plots}/steps-{waterfall.What}.svg)\n");
            await File.WriteAllTextAsync(Path.Combine(plots, $"steps-{waterfall.What}.svg"), WaterfallChart.Draw($"{title}, step by step", waterfall));
        }
    }

    private static string Csv(Results results) => string.Concat(results.Samples
        .Select(sample => FormattableString.Invariant($"{sample.Run},{sample.System},{sample.What},{sample.Value:0.####}\n"))
        .Prepend("run,system,what,value\n"));

    private static void Table(StringBuilder page, string[] head, IEnumerable<string[]> rows)
    {
        page.Append($"| {string.Join(" | ", head)} |\n|{string.Concat(head.Select(_ => "---|"))}\n");
        foreach (var row in rows)
        {
            page.Append($"| {string.Join(" | ", row)} |\n");
        }
    }

    private static string Text(Statistics? value, string format) => value switch
    {
        null => "not measured",
        { Count: 1 } one => Number(one.Median, format),
        { } several => $"{Number(several.Median, format)} ({Number(several.Least, format)} to {Number(several.Most, format)})",
    };

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
