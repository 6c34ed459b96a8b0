using System.Collections.Immutable;
using System.Globalization;
using Stolon.Cluster;
using Stolon.Storage;

namespace Stolon.Hosting.Stores;

/// <summary>What is read and written inside the transactions.</summary>
internal static class StoreTables
{
    private const int HistoryLength = 100;

    public static (string Version, byte[] Body)? ReadDocument(StoreConnection connection) =>
        connection.Query<(string, byte[])?>("SELECT version, body FROM document", row => (row.GetString(0), (byte[])row[1]))
            .FirstOrDefault();

    public static (bool Written, StoreChange Change) TryPut(
        StoreConnection connection, byte[] body, StoreVersion? expected, ImmutableArray<Decision> decisions)
    {
        // A version is drawn, not counted: the same number must not come again after an old copy of the file was put back.
        var version = Guid.NewGuid().ToString("N");
        var changed = expected is { } known
            ? connection.Execute("UPDATE document SET version = $1, body = $2 WHERE version = $3", version, body, known.Token ?? "")
            : connection.Execute("INSERT INTO document VALUES (1, $1, $2) ON CONFLICT DO NOTHING", version, body);
        if (changed == 0)
        {
            return (false, StoreChange.None);
        }

        Append(connection, decisions);
        return (true, StoreChange.ClusterData);
    }

    public static (bool Written, StoreChange Change) Put(
        StoreConnection connection, byte[] body, ImmutableArray<Decision> decisions)
    {
        connection.Execute(
            "INSERT INTO document VALUES (1, $1, $2) ON CONFLICT (id) DO UPDATE SET version = $1, body = $2",
            Guid.NewGuid().ToString("N"),
            body);
        Append(connection, decisions);
        return (true, StoreChange.ClusterData);
    }

    public static ImmutableArray<Decision> ReadHistory(StoreConnection connection) =>
    [
        .. connection.Query(
            "SELECT time, sentinel, kind, text FROM history ORDER BY id",
            row => new Decision(
                DateTimeOffset.Parse(row.GetString(0), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
                row.GetString(1),
                row.GetString(2),
                row.GetString(3))),
    ];

    public static ImmutableArray<ReportRow> ReadReports(StoreConnection connection) =>
    [
        .. connection.Query(
            "SELECT kind, uid, version, lifetime, body FROM report ORDER BY kind, uid",
            row => new ReportRow(
                (ReportKind)row.GetInt32(0),
                row.GetString(1),
                row.GetString(2),
                TimeSpan.FromMilliseconds(row.GetInt64(3)),
                (byte[])row[4])),
    ];

    public static (bool Written, StoreChange Change) Publish(StoreConnection connection, long sequence, ReportRow report)
    {
        connection.Execute(
            "INSERT INTO report VALUES ($1, $2, $3, $4, $5) "
            + "ON CONFLICT (kind, uid) DO UPDATE SET version = $3, lifetime = $4, body = $5",
            (int)report.Kind,
            report.Uid,
            sequence,
            (long)report.TimeToLive.TotalMilliseconds,
            report.Body);
        return (true, report.Kind.Change());
    }

    public static (bool Written, StoreChange Change) Withdraw(StoreConnection connection, ReportKind kind, string uid) =>
        connection.Execute("DELETE FROM report WHERE kind = $1 AND uid = $2", (int)kind, uid) > 0
            ? (true, kind.Change())
            : (true, StoreChange.None);

    public static (int Removed, StoreChange Change) RemoveUnchanged(StoreConnection connection, ImmutableArray<ReportRow> rows)
    {
        var removed = rows.Sum(row => connection.Execute(
            "DELETE FROM report WHERE kind = $1 AND uid = $2 AND version = $3",
            (int)row.Kind,
            row.Uid,
            long.Parse(row.Version, CultureInfo.InvariantCulture)));
        return (removed, removed > 0 ? rows.Aggregate(StoreChange.None, (change, row) => change | row.Kind.Change()) : StoreChange.None);
    }

    public static LeaderRow? ReadLeader(StoreConnection connection) =>
        connection.Query(
            "SELECT holder, session, renewal FROM leader",
            row => new LeaderRow(new SentinelId(row.GetString(0)), row.GetString(1), row.GetInt64(2))).FirstOrDefault();

    public static (bool Taken, StoreChange Change) TryTake(StoreConnection connection, LeaderRow? seen, LeaderRow mine)
    {
        var changed = seen is null
            ? connection.Execute(
                "INSERT INTO leader VALUES (1, $1, $2, $3) ON CONFLICT DO NOTHING", mine.Holder.Value, mine.Session, mine.Renewal)
            : connection.Execute(
                "UPDATE leader SET holder = $1, session = $2, renewal = $3 WHERE session = $4 AND renewal = $5",
                mine.Holder.Value,
                mine.Session,
                mine.Renewal,
                seen.Session,
                seen.Renewal);
        return (changed > 0, changed > 0 ? ChangeHub.Leader : StoreChange.None);
    }

    public static (bool Renewed, StoreChange Change) TryRenew(StoreConnection connection, string session) =>
        connection.Execute("UPDATE leader SET renewal = renewal + 1 WHERE session = $1", session) > 0
            ? (true, Head.Quiet)
            : (false, StoreChange.None);

    public static (bool Released, StoreChange Change) Release(StoreConnection connection, string session) =>
        connection.Execute("DELETE FROM leader WHERE session = $1", session) > 0
            ? (true, ChangeHub.Leader)
            : (false, StoreChange.None);

    private static void Append(StoreConnection connection, ImmutableArray<Decision> decisions)
    {
        if (decisions.IsDefaultOrEmpty)
        {
            return;
        }

        foreach (var decision in decisions.TakeLast(HistoryLength))
        {
            connection.Execute(
                "INSERT INTO history (time, sentinel, kind, text) VALUES ($1, $2, $3, $4)",
                decision.Time.ToString("O", CultureInfo.InvariantCulture),
                decision.Sentinel,
                decision.Kind,
                decision.Text);
        }

        connection.Execute("DELETE FROM history WHERE id <= (SELECT max(id) FROM history) - $1", HistoryLength);
    }
}
