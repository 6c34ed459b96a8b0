using System.CommandLine;
using System.Runtime.InteropServices;
using Stolon.Comparison.Clusters;
using Stolon.Comparison.Machines;
using Stolon.Comparison.Measuring;
using Stolon.Comparison.Reporting;

namespace Stolon.Comparison;

/// <summary>The command: measures, and writes what it measured.</summary>
internal static class ComparisonProgram
{
    private const int DefaultRuns = 5;
    private const int Interrupted = 130;
    private const int DefaultIdleSeconds = 20;

    private static readonly Option<int> Runs = new("--runs") { Description = $"How often everything is measured; the tables show medians (default {DefaultRuns}).", DefaultValueFactory = _ => DefaultRuns };
    private static readonly Option<string> What = new("--what") { Description = $"What is measured, with commas: {string.Join(',', Subjects.All)} (default all).", DefaultValueFactory = _ => string.Join(',', Subjects.All) };
    private static readonly Option<string> Systems = new("--systems") { Description = "stolon, patroni, or both with a comma (default both where Patroni and HAProxy are installed).", DefaultValueFactory = _ => "" };
    private static readonly Option<bool> Synchronous = new("--synchronous") { Description = "Synchronous replication in both (default asynchronous)." };
    private static readonly Option<int> IdleSeconds = new("--idle-seconds") { Description = $"How long a cluster is watched at rest (default {DefaultIdleSeconds}).", DefaultValueFactory = _ => DefaultIdleSeconds };
    private static readonly Option<int> Repeat = new("--repeat") { Description = "How often each failure and planned change is made in one life of a cluster (default 1).", DefaultValueFactory = _ => 1 };
    private static readonly Option<string> Program = new("--stolon") { Description = "The stolon command that is measured.", Required = true };
    private static readonly Option<string> Binaries = new("--pg-bin-path") { Description = "The folder of PostgreSQL's programs.", Required = true };
    private static readonly Option<string> Out = new("--out") { Description = "The folder that gets benchmarks.md and benchmarks/ (default docs).", DefaultValueFactory = _ => "docs" };
    private static readonly Option<string?> PlannerReport = new("--planner-report") { Description = "A table of BenchmarkDotNet that is taken into the page." };

    private static DirectoryInfo? folder;

    public static async Task<int> RunAsync(string[] args)
    {
        var command = new RootCommand("Measures failover, switchover and rest of real clusters on this machine. Everything that it starts it ends.")
        {
            Runs, Repeat, What, Systems, Synchronous, IdleSeconds, Program, Binaries, Out, PlannerReport,
        };
        command.SetAction((parsed, _) => RunAsync(parsed, args));

        // Signals are our own business: what was started has to be ended.
        return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    private static async Task<int> RunAsync(ParseResult parsed, string[] args)
    {
        using var end = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Leave);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Leave);
        var reaping = ProcessTable.ReapOrphansAsync(end.Token);
        try
        {
            var page = await MeasureAsync(parsed, string.Join(' ', args));
            Say($"written: {page}");
            return 0;
        }
        catch (ComparisonException problem)
        {
            await Console.Error.WriteLineAsync(folder is null ? problem.Message : $"{problem.Message} What the processes said is in {folder}.");
            return 1;
        }
        finally
        {
            EndDescendants();
            await end.CancelAsync();
            await reaping;
        }
    }

    private static async Task<string> MeasureAsync(ParseResult parsed, string arguments)
    {
        var selection = new Selection(Words(parsed.GetValue(What)!, Subjects.All), TimeSpan.FromSeconds(parsed.GetValue(IdleSeconds)), parsed.GetValue(Repeat));
        var systems = SystemsOf(parsed.GetValue(Systems)!);
        var (program, binaries) = (Path.GetFullPath(parsed.GetValue(Program)!), parsed.GetValue(Binaries)!);
        var synchronous = parsed.GetValue(Synchronous);
        folder = Directory.CreateTempSubdirectory("stolon-bench-");
        if (!OperatingSystem.IsWindows())
        {
            // PostgreSQL's user has to come through.
            File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_101_101);
        }

        var results = new Results();
        var machine = await Machine.DescribeAsync(program, binaries, systems.Contains("patroni"));
        for (var run = 1; run <= parsed.GetValue(Runs); run++)
        {
            foreach (var system in systems)
            {
                Say($"run {run} of {parsed.GetValue(Runs)}: {system}");
                var home = folder.CreateSubdirectory($"{run}-{system}").FullName;
                await using var etcd = await Etcd.StartAsync(home);
                await using Cluster cluster = system == "stolon" ? new StolonCluster(program, synchronous, etcd, home) : new PatroniCluster(binaries, synchronous, etcd, home);
                await new Life(cluster, run, selection, results, Say).RunAsync();
            }
        }

        var page = await Report.WriteAsync(
            parsed.GetValue(Out)!, new ReportInput(results, machine, arguments, parsed.GetValue(Runs), synchronous, selection.IdleTime, parsed.GetValue(PlannerReport)));

        // Only now: whoever has to find out why a run failed needs the logs.
        folder.Delete(recursive: true);
        folder = null;
        return page;
    }

    private static List<string> SystemsOf(string words)
    {
        var missing = PatroniCluster.FindMissing();
        var chosen = words.Length > 0 ? [.. Words(words, ["stolon", "patroni"]).Order(StringComparer.Ordinal).Reverse()]
            : missing.Length > 0 ? new List<string> { "stolon" } : ["stolon", "patroni"];
        if (chosen.Contains("patroni") && missing.Length > 0)
        {
            throw new ComparisonException($"Not installed: {missing}. On Debian: apt-get install patroni haproxy. Without them: --systems stolon.");
        }

        if (missing.Length > 0)
        {
            Say($"Patroni is left out, not installed: {missing} (Debian: apt-get install patroni haproxy)");
        }

        return chosen;
    }

    private static HashSet<string> Words(string text, IReadOnlyList<string> known)
    {
        var words = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToHashSet(StringComparer.Ordinal);
        return words.FirstOrDefault(word => !known.Contains(word, StringComparer.Ordinal)) is { } unknown
            ? throw new ComparisonException($"\"{unknown}\" is unknown; known are: {string.Join(", ", known)}")
            : words;
    }

    private static void Leave(PosixSignalContext context)
    {
        EndDescendants();
        folder?.Delete(recursive: true);
        Environment.Exit(Interrupted);
    }

    /// <summary>This process is the parent of all orphans below it, so its descendants are all that it ever started.</summary>
    private static void EndDescendants() =>
        ProcessTable.Signal(ProcessTable.Tree(Environment.ProcessId).Skip(1), ProcessTable.SigKill);

    private static void Say(string line) => Console.WriteLine($"{TimeProvider.System.GetLocalNow():HH:mm:ss} {line}");
}
