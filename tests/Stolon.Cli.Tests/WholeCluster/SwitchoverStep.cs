using Stolon.Stores.Tests;

namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>A switchover in whose midst something is killed, or stands still, at a given step; and comes back after it has ended somehow.</summary>
/// <param name="Phase">At which step, in the words of the document.</param>
/// <param name="Victim">sentinel, target, source, proxy or store.</param>
/// <param name="IsFrozen">It stands still; else it is killed.</param>
internal sealed record SwitchoverStep(string Phase, string Victim, bool IsFrozen)
{
    /// <summary>What is not over by itself then goes on when the victim is back.</summary>
    private static readonly TimeSpan LongestAbsence = TimeSpan.FromSeconds(9);

    /// <summary>A store that is away for longer fences primaries, which is another test.</summary>
    private static readonly TimeSpan LongestAbsenceOfStore = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(3);

    /// <inheritdoc/>
    public override string ToString() => $"{Victim} {(IsFrozen ? "frozen" : "killed")} while {Phase}";

    /// <summary>Asks for a switchover and lets it happen.</summary>
    /// <returns>What the operator was told.</returns>
    public async Task<string> HappenAsync(StolonCluster cluster, EtcdServer etcd)
    {
        var source = await cluster.PrimaryAsync();
        var target = (await cluster.StandbysAsync())[0];
        var leader = cluster.LeadingSentinel();

        // Which one it goes to matters only to who wants to hurt that one.
        string[] to = Victim == "target" ? ["--to", $"keeper{target}"] : [];
        var ctl = cluster.CtlAsync(["switchover", .. to, "--timeout", "10"]);
        while (!ctl.IsCompleted && await PhaseAsync(cluster) is var now && now != Phase && !(Phase == "promoting" && now.Length == 0 && await IsOverAsync(cluster, source)))
        {
            await Task.Delay(Poll, TimeProvider.System, TestContext.Current.CancellationToken);
        }

        var (fail, comeBack) = Victim switch
        {
            "sentinel" => Of(cluster, leader, () => cluster.StartSentinel(leader)),
            "proxy" => Of(cluster, "proxy2", cluster.StartSecondProxy),
            "store" => IsFrozen ? (Now(() => etcd.Freeze(0)), () => etcd.Thaw(0)) : (() => etcd.KillAsync(0), () => etcd.Start(0)),
            _ => OfHost(cluster, Victim == "source" ? source : target),
        };
        await fail();
        await Task.WhenAny(ctl, Task.Delay(Victim == "store" ? LongestAbsenceOfStore : LongestAbsence, TimeProvider.System, TestContext.Current.CancellationToken));
        comeBack();
        var answer = await ctl;
        return answer.Code == 0 ? answer.Out : answer.Error;
    }

    private static async Task<bool> IsOverAsync(StolonCluster cluster, int source) => await cluster.PrimaryAsync() != source;

    private static async Task<string> PhaseAsync(StolonCluster cluster)
    {
        try
        {
            return (string?)(await cluster.DocumentAsync())["cluster"]!["status"]!["switchover"]?["phase"] ?? "";
        }
        catch (IOException)
        {
            return "not known";
        }
    }

    private static Func<Task> Now(Action act) => () =>
    {
        act();
        return Task.CompletedTask;
    };

    private (Func<Task> Fail, Action ComeBack) Of(StolonCluster cluster, string process, Action start) =>
        IsFrozen ? (Now(() => cluster.Freeze(process)), () => cluster.Thaw(process)) : (() => cluster.KillAsync(process), start);

    private (Func<Task> Fail, Action ComeBack) OfHost(StolonCluster cluster, int keeper) =>
        IsFrozen
            ? (Now(() => cluster.FreezeHost(keeper)), () => cluster.ThawHost(keeper))
            : (() => cluster.KillAsync($"keeper{keeper}"), () => cluster.StartKeeper(keeper));
}
