using System.Diagnostics;
using System.Globalization;
using QuickStart.Output;
using QuickStart.Roles;
using Stolon.Cluster;

namespace QuickStart.Demo;

/// <summary>Kills the primary under a writing application, waits until the cluster is whole again, and counts what was lost.</summary>
internal sealed class FailoverDemo(
    Screen screen, DataFolder folder, Session session, ManyProcesses processes, Settings settings, TimeProvider time)
{
    private static readonly TimeSpan CompleteLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan FailoverSlack = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DefaultFailInterval = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan WriteLimit = TimeSpan.FromSeconds(30);
    private const int RowsBetween = 200;

    /// <summary>Runs the demo.</summary>
    /// <param name="end">Gives up.</param>
    /// <returns>The exit code: 0 only if nothing was lost.</returns>
    public async Task<int> RunAsync(CancellationToken end)
    {
        await session.ComeUpAsync(end);
        if (settings.Synchronous)
        {
            await session.EnsureSynchronousAsync(end);
        }

        await using var writer = new Writer(session.Database, time);
        await session.WithinAsync("the first acknowledged row", WriteLimit, writer.StartAsync, () => "writing the first row", end);
        var toFirstWrite = time.GetUtcNow() - Began();
        screen.Say($"the first row is acknowledged {toFirstWrite.TotalSeconds:0.0} s after the start of the program; an application writes through the proxy from now on");

        await session.CompleteAsync(CompleteLimit, end);
        processes.IsComingUp = false;
        await RowsAsync(writer, RowsBetween, end);
        var newPrimary = await FailOverAsync(writer, end);
        await RowsAsync(writer, RowsBetween, end);
        await writer.StopAsync();

        screen.Say($"checking every acknowledged row on {newPrimary}");
        var found = new HashSet<long>();
        await session.WithinAsync("the rows", WriteLimit, async token => found = await writer.ReadAsync(token), () => "reading", end);
        return Report(toFirstWrite, writer, found);
    }

    /// <summary>When the program was started; quickstart.sh says it, since it may have built the program in the same process.</summary>
    private static DateTimeOffset Began() =>
        long.TryParse(Environment.GetEnvironmentVariable("QUICKSTART_BEGAN"), CultureInfo.InvariantCulture, out var milliseconds)
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : new DateTimeOffset(Process.GetCurrentProcess().StartTime);

    private async Task<KeeperId> FailOverAsync(Writer writer, CancellationToken end)
    {
        var before = await session.UntilAsync("a primary", WriteLimit, status => status.IsAvailable, end);
        var failInterval = before.Spec?.FailInterval ?? DefaultFailInterval;
        var old = before.PrimaryKeeper!.Value;
        var (keeper, postmaster) = (0, 0);

        // A commit that no standby has received is lost in asynchronous mode, whoever manages the failover; in synchronous mode there is none.
        if (settings.Synchronous)
        {
            (keeper, postmaster) = KillPrimary(old);
        }
        else
        {
            await writer.BetweenWritesAsync(
                async () =>
                {
                    await session.WithinAsync("standbys that have received every row", WriteLimit, session.Database.ReplicatedAsync, () => "replicating", end);
                    (keeper, postmaster) = KillPrimary(old);
                },
                end);
        }

        var killed = time.GetTimestamp();
        screen.Say($"kill -9 of {old} (process {keeper}) and of its PostgreSQL (process {postmaster})");
        var rows = writer.Count;
        var after = await session.UntilAsync(
            "a new primary", failInterval + FailoverSlack, status => status.IsAvailable && status.PrimaryKeeper != old, end);
        var wanted = rows + 1;
        await session.WithinAsync(
            "the first row on the new primary", WriteLimit, token => UntilCountAsync(writer, wanted, token), () => "the application reconnects", end);
        screen.Say($"{after.PrimaryKeeper} is the new primary, and rows are acknowledged again, {time.GetElapsedTime(killed).TotalSeconds:0.0} s after the kill");

        processes.StartAgain(old.Value);
        await session.UntilAsync(
            $"{old} as a standby", CompleteLimit, status => status.Keepers.Any(one => one.Uid == old && StatusText.IsGoodStandby(one)), end);
        await session.CompleteAsync(CompleteLimit, end);
        screen.Say($"{old} is back as a standby");
        return after.PrimaryKeeper!.Value;
    }

    private (int Keeper, int Postmaster) KillPrimary(KeeperId keeper)
    {
        var pidFile = Path.Combine(folder.KeeperFolder(keeper.Value), "postgres", "postmaster.pid");
        var postmaster = int.Parse(File.ReadLines(pidFile).First(), CultureInfo.InvariantCulture);
        using var process = FindPostmaster(postmaster);
        var backends = ChildrenOf(postmaster);
        var pid = processes.Kill(keeper.Value);
        process.Kill();

        // As when the machine dies: a backend that outlived its postmaster for a moment would acknowledge a row that nobody receives.
        foreach (var backend in backends)
        {
            backend.Kill();
            backend.Dispose();
        }

        return (pid, postmaster);
    }

    private static List<Process> ChildrenOf(int parent)
    {
        var children = new List<Process>();
        foreach (var process in Process.GetProcesses())
        {
            if (ParentOf(process.Id) == parent)
            {
                children.Add(process);
            }
            else
            {
                process.Dispose();
            }
        }

        return children;
    }

    private static int? ParentOf(int pid)
    {
        try
        {
            // The name, in brackets, may hold anything; state and parent follow it.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static Process FindPostmaster(int pid)
    {
        try
        {
            return Process.GetProcessById(pid);
        }
        catch (ArgumentException exception)
        {
            throw new QuickStartException($"PostgreSQL, process {pid}, has ended before the demo could kill it; the logs say why.", exception);
        }
    }

    private Task RowsAsync(Writer writer, int more, CancellationToken end)
    {
        var wanted = writer.Count + more;
        return session.WithinAsync(
            $"{more} acknowledged rows", WriteLimit, token => UntilCountAsync(writer, wanted, token), () => $"{writer.Count} rows are acknowledged", end);
    }

    private async Task UntilCountAsync(Writer writer, int wanted, CancellationToken cancellationToken)
    {
        while (writer.Count < wanted)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellationToken);
        }
    }

    private int Report(TimeSpan toFirstWrite, Writer writer, HashSet<long> found)
    {
        var acknowledged = writer.Acknowledged;
        long[] lost = [.. acknowledged.Where(number => !found.Contains(number))];
        var kinds = string.Join(", ", writer.Errors.OrderByDescending(entry => entry.Value).Select(entry => $"{entry.Value} x {entry.Key}"));
        screen.Write($"""

              time to first write        {toFirstWrite.TotalSeconds,8:0.0} s
              longest gap in writes      {writer.LongestGap.TotalSeconds,8:0.0} s
              acknowledged rows          {acknowledged.Length,8}
              lost                       {lost.Length,8}
              errors seen by the client  {writer.Errors.Values.Sum(),8}{(kinds.Length > 0 ? $"    ({kinds})" : "")}

            """);
        if (lost.Length > 0)
        {
            screen.Say($"lost: {string.Join(", ", lost.Take(20))}{(lost.Length > 20 ? ", ..." : "")}");
            return 1;
        }

        screen.Say("every acknowledged row is there");
        return 0;
    }
}
