using Stolon.Cluster;
using Stolon.Observation;
using Stolon.Postgres;

namespace Stolon.Planning;

/// <summary>
/// Decides who should be primary. Rules N2 to N9 of docs/behaviour.md:
/// a primary that is healthy and converges stays (N3); of those that may follow it, the most advanced wins (N4, Q5);
/// with synchronous replication only one that is known to have every acknowledged commit (N4.2, S2).
/// </summary>
internal static class Election
{
    /// <summary>How long the standbys' last positions are awaited (architecture, section 5).</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(500);

    public static Draft Hold(Draft draft)
    {
        var primary = draft.Observed.Primary!;
        if (FailureOf(draft, primary) is not { } why)
        {
            return draft with { Memory = draft.Memory with { DeadPrimary = null } };
        }

        if (ListensUntil(draft, primary) is { } end)
        {
            return draft.Wake(end).Because(new Reason.ElectionListens(primary.Uid, primary.Spec.Keeper));
        }

        draft = FindDead(draft, primary);
        var candidates = Candidates(draft, primary);
        var able = candidates.Where(candidate => candidate.Rejection is null).Select(candidate => candidate.Db).ToList();
        var rejections = candidates.Select(candidate => candidate.Rejection).OfType<Reason.CandidateRejected>().ToList();
        var last = draft.Memory.DeadPrimary!.FoundAt + LongestWait + (2 * draft.Settings.SleepInterval);
        if (able.Count > 0 && IsSilent(draft, primary, able[0]) && draft.Inputs.Now.Monotonic >= last)
        {
            rejections.AddRange(able.Where(db => IsSilent(draft, primary, db)).Select(db =>
                new Reason.CandidateRejected(db.Uid, "O7", $"its keeper {db.Spec.Keeper} was not heard since the primary was found dead")));
            able.RemoveAll(db => IsSilent(draft, primary, db));
        }

        if (able.Count == 0)
        {
            return draft.Because(new Reason.NoCandidate(primary.Uid, why)).Because(rejections);
        }

        var awaited = Lives(draft, primary) ? [] : Awaited(draft, able);
        if (awaited.Count == 0 && IsSilent(draft, primary, able[0]))
        {
            return draft.Wake(last).Because(new Reason.ElectionWaits(primary.Uid, [able[0].Uid])).Because(rejections);
        }

        return awaited.Count > 0
            ? draft.Wake(draft.Memory.DeadPrimary!.FoundAt + LongestWait).Because(new Reason.ElectionWaits(primary.Uid, awaited)).Because(rejections)
            : Elect(draft, primary, able[0], why).Because(able.Skip(1).Select(db => Loses(db, able[0]))).Because(rejections);
    }

    /// <summary>N4: everybody who is asked, the next primary first; those who may not win say why.</summary>
    public static IReadOnlyList<Candidate> Candidates(Draft draft, Database primary) =>
        [.. Candidate.All(draft, primary).Select(candidate => KnownInSync(candidate, primary)).OrderBy(candidate => candidate.Rejection is not null)];

    /// <summary>N3: what is wrong with the primary; null = nothing.</summary>
    public static string? FailureOf(Draft draft, Database primary)
    {
        if (!primary.Status.Healthy)
        {
            return !draft.Judge.KeeperIsHealthy(primary)
                ? $"keeper {primary.Spec.Keeper} {(IsForced(draft, primary) ? "was told to fail" : HowItFailed(draft, primary))}"
                : draft.Memory.StateOf(primary) is { FailedStarts: > 1 } state
                    ? $"its PostgreSQL failed to start {state.FailedStarts} times"
                    : "its PostgreSQL was not healthy for longer than failInterval";
        }

        return draft.Judge.ConvergenceOf(primary, draft.Settings.ConvergenceTimeout) == Convergence.Failed
            ? "it did not carry out its last change within convergenceTimeout"
            : null;
    }

    private static string HowItFailed(Draft draft, Database primary) =>
        draft.Memory.Keepers.Find(primary.Spec.Keeper) is { RefusedTo: { Count: > 0 } finders }
            ? $"and its PostgreSQL both refused connections, twice, as found by {string.Join(" and ", finders)}"
            : "was not heard for longer than failInterval";

    /// <summary>
    /// O2, Q29: a failure that is only written in the document, or was found before a gap in our own sight, may be over since. Until when this
    /// sentinel listens for itself before it believes it; null = it has heard the keeper, has listened, or was told by an operator or by evidence.
    /// </summary>
    private static TimeSpan? ListensUntil(Draft draft, Database primary)
    {
        var keeper = primary.Spec.Keeper;
        return draft.Memory.Since is { } since && !draft.Memory.Heard(keeper) && !primary.Status.Healthy && !IsForced(draft, primary)
            && draft.Memory.Keepers.Find(keeper) is not { RefusedTo.Count: > 0 }
            && draft.Inputs.Now.Monotonic - since <= draft.Settings.FailInterval
                ? Judgement.JustAfter(since + draft.Settings.FailInterval)
                : null;
    }

    private static bool IsForced(Draft draft, Database primary) =>
        draft.Observed.Keepers.Find(primary.Spec.Keeper) is { Status.ForceFail: true };

    /// <summary>
    /// It runs, though it shall not be the primary any more: an operator failed its keeper, or it cannot converge. Its standbys go on receiving,
    /// and no wait would end that.
    /// </summary>
    private static bool Lives(Draft draft, Database primary) =>
        IsForced(draft, primary) || (draft.Judge.KeeperIsHealthy(primary) && draft.Memory.StateOf(primary) is { Healthy: true });

    /// <summary>
    /// A primary is found dead by evidence at once, and one that died with it is not: so who is elected then has to have spoken since. Who has not had time for
    /// it is awaited for two sleepIntervals, and not passed over for having been slow.
    /// </summary>
    private static bool IsSilent(Draft draft, Database primary, Database db) =>
        draft.Memory.Keepers.Find(primary.Spec.Keeper) is { RefusedTo.Count: > 0 }
        && draft.Memory.Keepers.Find(db.Spec.Keeper) is { } seen
        && seen.ChangedAt < draft.Memory.DeadPrimary!.FoundAt && seen.Report.PostgresState?.WalReceiver != WalReceiverState.Gone;

    private static Draft FindDead(Draft draft, Database primary) =>
        draft.Memory.DeadPrimary?.Db == primary.Uid
            ? draft
            : draft with { Memory = draft.Memory with { DeadPrimary = new DeadPrimary(primary.Uid, draft.Inputs.Now.Monotonic) } };

    /// <summary>N4.2: with synchronous replication <em>on the old primary</em> (Q19), only K∩S has every acknowledged commit.</summary>
    private static Candidate KnownInSync(Candidate candidate, Database primary)
    {
        var uid = candidate.Db.Uid;
        return candidate.Rejection is not null || !primary.Spec.SynchronousReplication
            || (primary.Status.SynchronousStandbys.Contains(uid) && primary.Spec.SynchronousStandbys.Contains(uid))
            ? candidate
            : candidate with { Rejection = new(uid, "N4", "it is not known to have every acknowledged commit") };
    }

    /// <summary>Q5, Q14: why one that might win does not.</summary>
    private static Reason.CandidateRejected Loses(Database db, Database winner)
    {
        var ahead = Judgement.BytesBehind(winner, db);
        return ahead > 0
            ? new(db.Uid, "Q5", $"{winner.Uid} has {ahead} bytes more WAL")
            : new(db.Uid, "Q14", $"{winner.Uid} has as much WAL and comes first by uid");
    }

    /// <summary>Those that may still be receiving what the dead primary sent: they have not reported since, or not that nothing comes any more.</summary>
    private static ValueList<DbId> Awaited(Draft draft, IEnumerable<Database> able)
    {
        var dead = draft.Memory.DeadPrimary!;
        if (draft.Inputs.Now.Monotonic - dead.FoundAt >= LongestWait)
        {
            return [];
        }

        return able
            .Where(db => draft.Memory.Keepers.Find(db.Spec.Keeper) is { Alive: true } seen
                && (seen.Report.PostgresState?.WalReceiver) switch
                {
                    WalReceiverState.Streaming => true,
                    WalReceiverState.Gone => false,
                    _ => seen.ChangedAt < dead.FoundAt,
                })
            .Select(db => db.Uid)
            .ToValueList();
    }

    /// <summary>N5 to N8. Nobody else is re-pointed before the new primary has converged (N9).</summary>
    private static Draft Elect(Draft draft, Database old, Database winner, string why)
    {
        draft = draft
            .WithDb(old.Uid, spec => spec with { Followers = [] })
            .WithDb(winner.Uid, spec => Synchronous(draft, old, winner, Lead(draft, spec)))
            .WithStatus(status => status with { Primary = winner.Uid })
            .Because(new Reason.PrimaryElected(old.Uid, winner.Uid, why, Judgement.BytesBehind(old, winner)));

        // Q37: what an earlier term knew to be in sync says nothing about this one. Q36: it has converged when it has carried out this election,
        // which is new to it even if it was a primary before and nothing else of it changes.
        var elected = draft.Next.Databases[winner.Uid];
        draft = draft.WithDb(elected with
        {
            Generation = 1 + Finishing.HighestGeneration(draft, winner),
            Status = elected.Status with { SynchronousStandbys = [] },
        }) with
        {
            Memory = draft.Memory with { DeadPrimary = null },
        };
        return draft.Next.Proxy.Spec.PrimaryDb is null
            ? draft
            : draft.WithProxy(draft.Next.Proxy.Spec with { PrimaryDb = null }).Because(new Reason.ProxiesClosed());
    }

    /// <summary>N6.</summary>
    private static DatabaseSpec Lead(Draft draft, DatabaseSpec spec) =>
        draft.Settings.Role == Role.Standby
            ? Topology.Outside(spec, draft.Observed.Cluster.Spec)
            : spec with { Role = Role.Primary, Follow = null };

    /// <summary>N8: the new primary waits for whom the old one waited for, with the old one in its own place.</summary>
    private static DatabaseSpec Synchronous(Draft draft, Database old, Database winner, DatabaseSpec spec)
    {
        if (!draft.Settings.SynchronousReplication)
        {
            return spec with { SynchronousReplication = false, SynchronousStandbys = default, ExternalSynchronousStandbys = default };
        }

        var standbys = old.Spec.SynchronousStandbys
            .Select(uid => uid == winner.Uid ? old.Uid : uid).Distinct().Order().ToValueList();
        return spec with
        {
            SynchronousReplication = true,
            SynchronousStandbys = standbys,
            ExternalSynchronousStandbys = standbys.Count == 0 && draft.Settings.MinSynchronousStandbys > 0 ? [ObjectNames.FakeStandby] : [],
        };
    }
}
