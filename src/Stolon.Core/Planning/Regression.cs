using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Planning;

/// <summary>
/// Recognises a document that is older than what keepers and proxies have seen: somebody restored an old copy into the store (Q33, S6).
/// On its word nobody is elected, removed or copied. If exactly one primary runs on the highest timeline, one write lifts the document above
/// everything that was seen since, and names that primary.
/// </summary>
internal static class Regression
{
    /// <summary>How the age shows, as half a sentence; null = the document is as new as anything that was seen.</summary>
    public static string? Of(Draft draft) => Revision(draft) ?? Generation(draft) ?? ProxyGeneration(draft) ?? Timeline(draft);

    /// <summary>
    /// The document with the running primary, above everything that was seen; null when there is not exactly one on the highest timeline that
    /// anybody was ever on, because then the newest data may be elsewhere.
    /// </summary>
    public static Draft? Lift(Draft draft, string signs) =>
        Newest(draft) is [var only] && HighestTimeline(draft) <= only.PostgresState!.TimelineId ? Lift(draft, only, signs) : null;

    /// <summary>Why nothing is done, and what helps.</summary>
    public static Reason Explain(Draft draft, string signs)
    {
        var newest = Newest(draft);
        var obstacle = newest.Count switch
        {
            0 => "no primary runs",
            1 => $"keeper {newest[0].Uid} runs a primary on timeline {newest[0].PostgresState!.TimelineId}, while there was one on "
                + $"timeline {HighestTimeline(draft)}",
            _ => $"keepers {string.Join(", ", newest.Select(report => report.Uid))} each run a primary",
        };
        return new Reason.DocumentRegressed(
            $"The store holds an old document ({signs}), and {obstacle}: nothing is decided on it, and nothing is written. Restore the newest "
            + "document, or run init with initMode existing and the keeperUID of the keeper with the newest data.");
    }

    private static List<KeeperReport> Newest(Draft draft) =>
        RunningPrimaries(draft).GroupBy(report => report.PostgresState!.TimelineId).MaxBy(group => group.Key)?.ToList() ?? [];

    private static uint HighestTimeline(Draft draft) =>
        draft.Memory.Reports.Select(report => report.PostgresState?.TimelineId ?? 0)
            .Concat(draft.Observed.Databases.Values.Select(db => db.Status.TimelineId))
            .Append(0u).Max();

    /// <summary>A document that stolon wrote last has no revision: the other signs count.</summary>
    private static string? Revision(Draft draft) =>
        draft.Observed.Revision > 0 && draft.Memory.Reports.FirstOrDefault(report => report.SeenRevision > draft.Observed.Revision) is { } ahead
            ? $"keeper {ahead.Uid} has seen revision {ahead.SeenRevision}, the document is revision {draft.Observed.Revision}"
            : null;

    private static string? Generation(Draft draft)
    {
        foreach (var db in draft.Observed.Databases.Values)
        {
            if (draft.Memory.StateOf(db) is { } state && state.Generation > db.Generation)
            {
                return $"{db.Uid} has reached generation {state.Generation}, the document says {db.Generation}";
            }
        }

        return null;
    }

    private static string? ProxyGeneration(Draft draft)
    {
        var ahead = draft.ActiveProxies.FirstOrDefault(proxy => proxy.Generation > draft.Observed.Proxy.Generation);
        return ahead is null
            ? null
            : $"proxy {ahead.Uid} has seen generation {ahead.Generation}, the document says {draft.Observed.Proxy.Generation}";
    }

    private static string? Timeline(Draft draft)
    {
        // Before a cluster is initialised, its primary has no timeline that another's could be compared with.
        if (draft.Observed.Cluster.Status.Phase != ClusterPhase.Normal || draft.Observed.Primary is not { Status.TimelineId: var timeline } primary)
        {
            return null;
        }

        var ahead = RunningPrimaries(draft).FirstOrDefault(report =>
            report.PostgresState!.Uid != primary.Uid && report.PostgresState.TimelineId > timeline && !WasGivenUp(draft, report));
        return ahead is null
            ? null
            : $"keeper {ahead.Uid} runs a primary on timeline {ahead.PostgresState!.TimelineId}, the document's is on {timeline}";
    }

    /// <summary>
    /// A primary that was given up before anybody heard of it, and is heard late: its db was told more since, or is gone from a document that is newer than any
    /// that its keeper saw.
    /// </summary>
    private static bool WasGivenUp(Draft draft, KeeperReport report) => draft.Observed.Databases.Find(report.PostgresState!.Uid!.Value) is { } db
        ? report.PostgresState.Generation < db.Generation
        : report.SeenRevision > 0 && report.SeenRevision < draft.Observed.Revision;

    /// <summary>The last words of a keeper that is silent now are no running primary.</summary>
    private static IEnumerable<KeeperReport> RunningPrimaries(Draft draft) =>
        draft.Memory.Reports.Where(report =>
            report.PostgresState is { Healthy: true, Role: Role.Primary, Uid: not null }
            && draft.Memory.ReportOf(report.Uid) is not null
            && draft.Observed.Keepers.Find(report.Uid) is { Status.Healthy: true });

    private static Draft Lift(Draft draft, KeeperReport report, string signs)
    {
        var state = report.PostgresState!;
        var uid = state.Uid!.Value;
        var db = draft.Observed.Databases.Find(uid) ?? new Database { Uid = uid, Spec = new DatabaseSpec { Keeper = report.Uid, Role = Role.Primary } };

        // What the old document says of this keeper is past: it holds the data of this db, and one db is all that a keeper has (M8).
        foreach (var past in draft.Observed.Databases.Values.Where(other => other.Spec.Keeper == report.Uid && other.Uid != uid))
        {
            draft = draft.WithoutDb(past.Uid);
        }

        draft = draft.WithDb(db with
        {
            Generation = Math.Max(db.Generation, state.Generation),
            Spec = Lead(draft, db.Spec with { Keeper = report.Uid }),
            Status = db.Status with { SynchronousStandbys = [], CurrentGeneration = state.Generation, ListenAddress = state.ListenAddress, Port = state.Port },
        });
        var databases = draft.Next.Databases.Select(entry =>
            KeyValuePair.Create(entry.Key, entry.Value with { Generation = 1 + Finishing.HighestGeneration(draft, entry.Value) }));
        draft = draft with
        {
            Next = draft.Next with
            {
                Databases = new ValueMap<DbId, Database>(databases),
                Proxy = draft.Next.Proxy with
                {
                    Generation = 1 + Finishing.HighestProxyGeneration(draft),
                    Spec = draft.Next.Proxy.Spec with { PrimaryDb = null },
                },
            },
        };
        return draft
            .WithStatus(status => status with { Primary = uid, Phase = ClusterPhase.Normal })
            .Because(new Reason.DocumentLifted(uid, signs));
    }

    private static DatabaseSpec Lead(Draft draft, DatabaseSpec spec)
    {
        spec = spec with { Role = Role.Primary, Follow = null, InitMode = InitMode.None, IncludePreviousConfig = false };
        if (!draft.Settings.SynchronousReplication)
        {
            return spec;
        }

        return spec with
        {
            SynchronousReplication = true,
            ExternalSynchronousStandbys =
                spec.SynchronousStandbys.Count == 0 && draft.Settings.MinSynchronousStandbys > 0 ? [ObjectNames.FakeStandby] : [],
        };
    }
}
