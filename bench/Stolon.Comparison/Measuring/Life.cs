using Npgsql;
using Stolon.Comparison.Clusters;
using Stolon.Comparison.Machines;

namespace Stolon.Comparison.Measuring;

/// <summary>What is measured in one life of a cluster.</summary>
/// <param name="What">Words of <see cref="Subjects"/>.</param>
/// <param name="IdleTime">How long it is watched at rest.</param>
/// <param name="Repeat">How often each failure and each planned change is made.</param>
internal sealed record Selection(IReadOnlySet<string> What, TimeSpan IdleTime, int Repeat);

/// <summary>One life of a cluster: it is made from nothing, watched at rest, and fails in every way that was asked for.</summary>
internal sealed class Life(Cluster cluster, int run, Selection selection, Results results, Action<string> say)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    /// <summary>A failure that is noticed late begins to show within this time.</summary>
    private static readonly TimeSpan Onset = TimeSpan.FromSeconds(2);

    /// <summary>What a program does in its first moments, such as compiling itself, is not its rest.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(20);

    private long nextRow = 1;

    public async Task RunAsync()
    {
        await BeginAsync();
        await cluster.SettleAsync();
        if (selection.What.Contains(Subjects.Idle))
        {
            await RestAsync();
        }

        await IfAsync(Subjects.Postmaster, () => FailAsync(Subjects.Postmaster, primary => [primary.Postmaster], ProcessTable.SigKill));
        await IfAsync(Subjects.Switchover, SwitchAsync);
        await IfAsync(Subjects.Rolling, RollAsync);
        await IfAsync(Subjects.Killed, () => FailAsync(Subjects.Killed, primary => primary.Processes, ProcessTable.SigKill));
        await IfAsync(Subjects.Frozen, () => FailAsync(Subjects.Frozen, primary => primary.Processes, ProcessTable.SigStop));
        if (selection.What.Contains(Subjects.Node))
        {
            await cluster.AddCompanionsAsync();
            await cluster.SettleAsync();
        }

        await IfAsync(Subjects.Node, () => FailAsync(Subjects.Node, primary => [.. primary.Processes, .. cluster.Companions], ProcessTable.SigKill));
    }

    private async Task IfAsync(string what, Func<Task> measure)
    {
        for (var turn = 0; turn < selection.Repeat && selection.What.Contains(what); turn++)
        {
            await measure();
        }
    }

    private async Task BeginAsync()
    {
        var began = Writer.Now;
        await cluster.StartAsync();
        await using var writer = NewWriter();
        await Patience.UntilAsync(() => Task.FromResult(writer.Acknowledged.Count > 0), Limit, $"{cluster.Name} takes writes");
        if (selection.What.Contains(Subjects.FirstWrite))
        {
            Add(Subjects.FirstWrite, (writer.Acknowledged[0].At - began).TotalSeconds, "s");
        }

        nextRow = await EndAsync(writer);
    }

    private async Task RestAsync()
    {
        await Task.Delay(WarmUp, TimeProvider.System);
        var roles = cluster.Roles.ToList();
        var (began, revision) = (Writer.Now, await cluster.Etcd.RevisionAsync());
        var before = roles.Select(role => role.Processes.Sum(pid => ProcessTable.ProcessorTime(pid).TotalSeconds)).ToList();
        await Task.Delay(selection.IdleTime, TimeProvider.System);
        var seconds = (Writer.Now - began).TotalSeconds;
        Add(Subjects.StoreWrites, (await cluster.Etcd.RevisionAsync() - revision) / seconds, "writes/s");
        foreach (var group in roles.Select((role, at) => (role.Role, role.Processes, Before: before[at])).GroupBy(role => role.Role))
        {
            var used = group.Average(role => role.Processes.Sum(pid => ProcessTable.ProcessorTime(pid).TotalSeconds) - role.Before);
            Add(Subjects.ProcessorOf(group.Key), 100 * used / seconds, "% of a core");
            Add(Subjects.MemoryOf(group.Key), group.Average(role => ProcessTable.Resident(role.Processes[0])) / 1e6, "MB");
        }
    }

    private async Task FailAsync(string what, Func<Member, int[]> victims, int signal)
    {
        var primary = await cluster.PrimaryAsync();
        await using var writer = NewWriter();
        await SteadyAsync(writer);
        var pids = victims(primary);

        var (failure, wall) = (Writer.Now, TimeProvider.System.GetUtcNow().UtcDateTime);
        ProcessTable.Signal(pids, signal);

        await SteadyAgainAsync(writer, failure);
        var outage = Gaps.Outage(writer.Acknowledged, failure)!.Value;
        Add(what, outage.TotalSeconds, "s");
        nextRow = await EndAsync(writer);
        if (cluster.Traces.Count > 0)
        {
            results.Add(new Waterfall(what, outage, Step.Read(cluster.Traces, wall, outage + TimeSpan.FromMilliseconds(100))));
        }

        if (what == Subjects.Node)
        {
            await cluster.StartCompanionsAsync();
        }

        await cluster.RestoreAsync(primary);
        await cluster.SettleAsync();
        await CountLostAsync(what, writer.Acknowledged);
    }

    private async Task SwitchAsync()
    {
        var primary = await cluster.PrimaryAsync();
        await using var writer = NewWriter();
        await SteadyAsync(writer);
        await using var knocker = new Knocker(Cluster.ConnectionText(cluster.ProxyPorts[0]));

        var (began, wall) = (Writer.Now, TimeProvider.System.GetUtcNow().UtcDateTime);
        if (!await cluster.SwitchOverAsync(primary))
        {
            say($"  {cluster.Name}: switchover is not available in this version");
            nextRow = await EndAsync(writer);
            return;
        }

        await SteadyAgainAsync(writer, began);
        var gap = Gaps.Longest(writer.Acknowledged, began)!.Value;
        Add(Subjects.Switchover, gap.Length.TotalSeconds, "s");
        await knocker.DisposeAsync();
        Add(Subjects.Refused, knocker.Refused, "new connections refused");
        nextRow = await EndAsync(writer);
        if (cluster.Traces.Count > 0)
        {
            var end = gap.To - began;
            results.Add(new Waterfall(Subjects.Switchover, end, Step.Read(cluster.Traces, wall, end + TimeSpan.FromMilliseconds(100))));
        }

        await cluster.SettleAsync();
        await CountLostAsync(Subjects.Switchover, writer.Acknowledged);
    }

    /// <summary>As a rolling deployment does it: the next one when the last one is back.</summary>
    private async Task RollAsync()
    {
        await using var writer = NewWriter();
        await SteadyAsync(writer);
        var began = Writer.Now;
        foreach (var member in cluster.Members)
        {
            await cluster.RestartAsync(member);
            await cluster.SettleAsync();
        }

        await SteadyAgainAsync(writer, began);
        Add(Subjects.Rolling, Gaps.Longest(writer.Acknowledged, began)!.Value.Length.TotalSeconds, "s");
        nextRow = await EndAsync(writer);
        await CountLostAsync(Subjects.Rolling, writer.Acknowledged);
    }

    private Writer NewWriter()
    {
        var writer = new Writer(() => [.. cluster.ProxyPorts.Select(Cluster.ConnectionText)], nextRow);
        writer.Start();
        return writer;
    }

    private static async Task<long> EndAsync(Writer writer)
    {
        await writer.DisposeAsync();
        return writer.Next;
    }

    private Task SteadyAsync(Writer writer) => Patience.UntilAsync(
        () => Task.FromResult(Gaps.IsSteady(writer.Acknowledged, Writer.Now)), Limit, $"{cluster.Name} takes writes steadily");

    private Task SteadyAgainAsync(Writer writer, TimeSpan failure) => Patience.UntilAsync(
        () => Task.FromResult(Writer.Now - failure > Onset && Gaps.IsSteady(writer.Acknowledged, Writer.Now)), Limit,
        $"{cluster.Name} takes writes again");

    private async Task CountLostAsync(string what, IReadOnlyList<Acknowledgement> acknowledged)
    {
        await using var connection = await Sessions.OpenAsync(Cluster.ConnectionText(cluster.ProxyPorts[0]));
        await using var command = new NpgsqlCommand("select n from written", connection);
        await using var rows = await command.ExecuteReaderAsync();
        var found = new HashSet<long>();
        while (await rows.ReadAsync())
        {
            found.Add(rows.GetInt64(0));
        }

        Add(Subjects.LostIn(what), Gaps.Lost(acknowledged, found).Count, $"of {acknowledged.Count} acknowledged rows lost");
    }

    private void Add(string what, double value, string unit)
    {
        results.Add(what, cluster.Name, run, value);
        say(FormattableString.Invariant($"  {cluster.Name}: {what} {value:0.###} {unit}"));
    }
}
