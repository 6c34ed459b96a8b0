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

    public static Draft Answer(Draft draft, string signs)
    {
        var primaries = Reports(draft)
            .Where(report => report.PostgresState is { Healthy: true, Role: Role.Primary, Uid: not null })
            .GroupBy(report => report.PostgresState!.TimelineId)
            .MaxBy(group => group.Key)?.ToList() ?? [];
        if (primaries is [var only])
        {
            return Lift(draft, only, signs);
        }

        var remedy = primaries.Count == 0 ? "no primary runs" : $"keepers {string.Join(", ", primaries.Select(report => report.Uid))} each run a primary";
        return draft.Because(new Reason.DocumentRegressed(
            $"The store holds an old document ({signs}), and {remedy}: nothing is decided on it. Restore the newest document, or run init with "
            + "initMode existing and the keeperUID of the keeper with the newest data."));
    }

    /// <summary>A document that stolon wrote last has no revision: the other signs count.</summary>
    private static string? Revision(Draft draft) =>
        draft.Observed.Revision > 0 && Reports(draft).FirstOrDefault(report => report.SeenRevision > draft.Observed.Revision) is { } ahead
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
        if (draft.Observed.Primary is not { Status.TimelineId: var timeline } primary)
        {
            return null;
        }

        var ahead = Reports(draft).FirstOrDefault(report =>
            report.PostgresState is { Healthy: true, Role: Role.Primary } state && state.Uid != primary.Uid && state.TimelineId > timeline);
        return ahead is null
            ? null
            : $"keeper {ahead.Uid} runs a primary on timeline {ahead.PostgresState!.TimelineId}, the document's is on {timeline}";
    }

    private static IEnumerable<KeeperReport> Reports(Draft draft) =>
        draft.Memory.Keepers.Values
            .Where(seen => seen.Alive && seen.Report.ClusterUid == draft.Observed.Cluster.Uid && seen.Report.ForeignData is null)
            .Select(seen => seen.Report);

    private static Draft Lift(Draft draft, KeeperReport report, string signs)
    {
        var state = report.PostgresState!;
        var uid = state.Uid!.Value;
        var db = draft.Observed.Databases.Find(uid) ?? new Database { Uid = uid, Spec = new DatabaseSpec { Keeper = report.Uid, Role = Role.Primary } };
        draft = draft.WithDb(db with
        {
            Generation = Math.Max(db.Generation, state.Generation),
            Spec = Lead(draft, db.Spec),
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
        spec = spec with { Role = Role.Primary, Follow = null, InitMode = InitMode.None };
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
