using Stolon.Cluster;
using Stolon.Observation;

namespace Stolon.Planning;

/// <summary>The earliest instant at which time alone, without a new report, could change a plan.</summary>
internal static class Clock
{
    public static Draft Wake(Draft draft)
    {
        foreach (var keeper in draft.Observed.Keepers.Values)
        {
            draft = draft.Wake(KeeperFails(draft, keeper)).Wake(KeeperForgotten(draft, keeper));
        }

        foreach (var db in draft.Observed.Databases.Values)
        {
            draft = draft
                .Wake(DbFails(draft, db))
                .Wake(draft.Judge.StuckFrom(db))
                .Wake(draft.Judge.ConvergenceEnds(db, draft.Settings.ConvergenceTimeout))
                .Wake(draft.Judge.ConvergenceEnds(db, draft.Settings.SyncTimeout));
        }

        foreach (var proxy in draft.ActiveProxies)
        {
            draft = draft.Wake(ProxyGone(draft, proxy));
        }

        return draft;
    }

    private static TimeSpan? KeeperFails(Draft draft, KeeperRecord keeper) =>
        keeper.Status.Healthy && draft.Memory.Since is { } since
            ? Judgement.JustAfter(Later(draft.Memory.Keepers.Find(keeper.Uid)?.ChangedAt, since) + draft.Settings.FailInterval)
            : null;

    private static TimeSpan? KeeperForgotten(Draft draft, KeeperRecord keeper) =>
        keeper.Status.Healthy || draft.Judge.HasDb(keeper.Uid)
            ? null
            : Judgement.JustAfter(draft.Inputs.Now.Monotonic
                + (keeper.Status.LastHealthyTime.ToDateTimeOffset() + draft.Settings.DeadKeeperRemovalInterval - draft.Inputs.Now.Wall));

    private static TimeSpan? DbFails(Draft draft, Database db) =>
        db.Status.Healthy && draft.Memory.IllSince(db) is { } since
            ? Judgement.JustAfter(since + draft.Settings.FailInterval)
            : null;

    private static TimeSpan? ProxyGone(Draft draft, ProxyReport proxy) =>
        draft.Memory.Proxies.Find(proxy.Uid) is { } seen && draft.Memory.Since is { } since
            ? Judgement.JustAfter(Later(seen.ChangedAt, since) + ActiveProxies.SilenceLimit(proxy))
            : null;

    private static TimeSpan Later(TimeSpan? left, TimeSpan right) => left is { } instant && instant > right ? instant : right;
}
