using Stolon.Cluster;

namespace Stolon.Planning;

/// <summary>Whether a switchover may begin, and to whom (architecture, section 7, step 1).</summary>
/// <param name="Target">The standby that would take over; null = none may.</param>
/// <param name="Objections">What speaks against it, as sentences; empty = nothing.</param>
/// <param name="MayPass">Waiting may help.</param>
internal sealed record SwitchoverTerms(Database? Target, ValueList<string> Objections, bool MayPass)
{
    /// <summary>A report may be this much older than its interval before its keeper counts as one that is not heard.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    /// <summary>Judges by what is known now.</summary>
    /// <param name="draft">The draft.</param>
    /// <param name="switchover">The switchover.</param>
    /// <returns>The terms.</returns>
    public static SwitchoverTerms Judge(Draft draft, Switchover switchover)
    {
        if (draft.Observed.Primary is not { } primary || primary.Uid != switchover.Source)
        {
            return Never($"Db {switchover.Source} is no longer the primary.");
        }

        if (draft.Settings.Role == Role.Standby)
        {
            return Never("The cluster is a standby cluster: it has no primary that could step down.");
        }

        if (!CanSwitchOver(draft, primary))
        {
            return Never($"Keeper {primary.Spec.Keeper} of the primary does not take part in switchovers: it is an older program, or stolon's.");
        }

        var candidates = Election.Candidates(draft, primary);
        if (candidates.Count == 0)
        {
            return Never("There is no standby.");
        }

        if (switchover.Target is { } wanted && draft.Observed.Databases.Find(wanted) is null)
        {
            return Never($"Db {wanted}, which was to take over, does not exist any more.");
        }

        var judged = candidates
            .Where(candidate => switchover.Target is null || candidate.Db.Uid == switchover.Target)
            .Select(candidate => (candidate.Db, Why: candidate.Rejection?.Why ?? Unfit(draft, primary, candidate.Db)))
            .ToList();
        var target = judged.Find(one => one.Why is null).Db;
        var objections = Hindrances(draft, primary).ToList();
        if (target is null)
        {
            objections.AddRange(judged.Select(one => $"Keeper {one.Db.Spec.Keeper} cannot take over: {one.Why}."));
        }

        return new SwitchoverTerms(target, objections.ToValueList(), MayPass: target is not null || judged.Exists(one => draft.Memory.ReportOf(one.Db.Spec.Keeper) is { CanSwitchOver: true, Leaving: false }));
    }

    private static SwitchoverTerms Never(string why) => new(null, [why], MayPass: false);

    private static bool CanSwitchOver(Draft draft, Database db) => draft.Memory.ReportOf(db.Spec.Keeper) is { CanSwitchOver: true };

    /// <summary>A keeper was heard within a little more than its interval: its last words are of now.</summary>
    /// <param name="draft">The draft.</param>
    /// <param name="keeper">The keeper.</param>
    /// <returns>True if it was.</returns>
    public static bool IsFresh(Draft draft, KeeperId keeper) =>
        draft.Memory.Keepers.Find(keeper) is { Alive: true } seen
        && draft.Inputs.Now.Monotonic - seen.ChangedAt <= (2 * draft.Settings.SleepInterval) + Slack;

    /// <summary>What the primary, the synchronous set or a proxy has against it now.</summary>
    private static IEnumerable<string> Hindrances(Draft draft, Database primary)
    {
        if (!draft.PrimaryIsReady || draft.Memory.StateOf(primary) is not { Healthy: true } || !IsFresh(draft, primary.Spec.Keeper))
        {
            yield return $"The primary {primary.Uid} is not healthy, or has not carried out its last change.";
        }

        if (draft.Settings.SynchronousReplication
            && !primary.Spec.SynchronousStandbys.ToHashSet().SetEquals(primary.Status.SynchronousStandbys))
        {
            yield return "The set of synchronous standbys is just being changed.";
        }

        if (draft.Observed.Proxy.Spec.PrimaryDb != primary.Uid)
        {
            yield return "Clients are not let in to the primary yet.";
        }

        foreach (var proxy in draft.ActiveProxies.Where(proxy => !Answers(draft, proxy)))
        {
            yield return $"Proxy {proxy.Uid} was not heard lately, or does not obey the newest routing: clients would have to wait until it is surely gone.";
        }
    }

    private static bool Answers(Draft draft, ProxyReport proxy) =>
        proxy.Generation == draft.Observed.Proxy.Generation
        && draft.Memory.Proxies.Find(proxy.Uid) is { } seen
        && draft.Inputs.Now.Monotonic - seen.ChangedAt <= (2 * draft.Settings.ProxyCheckInterval) + Slack;

    /// <summary>What a planned change asks of the next primary beyond what an election does.</summary>
    private static string? Unfit(Draft draft, Database primary, Database db)
    {
        if (draft.Memory.ReportOf(db.Spec.Keeper) is not { CanSwitchOver: true } report)
        {
            return "it does not take part in switchovers: it is an older program, or stolon's";
        }

        if (report.Leaving)
        {
            return "its host is about to end";
        }

        if (!IsFresh(draft, db.Spec.Keeper))
        {
            return "it was not heard lately";
        }

        var behind = Judgement.BytesBehind(primary, db);
        return behind > draft.Settings.MaxStandbyLag ? $"it is {behind} bytes behind, more than maxStandbyLag ({draft.Settings.MaxStandbyLag})"
            : report.StateOf(db.Uid) is { WalReceiver: WalReceiverState.Streaming } ? null
            : "it does not receive from the primary now";
    }
}
