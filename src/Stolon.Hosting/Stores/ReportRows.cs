using System.Collections.Immutable;
using Stolon.Cluster;
using Stolon.Storage;

namespace Stolon.Hosting.Stores;

/// <summary>Whose report it is; the numbers are stored.</summary>
internal enum ReportKind
{
    Keeper = 1,
    Proxy = 2,
    Sentinel = 3,

    /// <summary>Not of a role: an operator's question to the keepers.</summary>
    Question = 4,
}

/// <summary>One report as a store keeps it.</summary>
/// <param name="Kind">Whose.</param>
/// <param name="Uid">The owner.</param>
/// <param name="Version">Another one at every publication.</param>
/// <param name="TimeToLive">After how long without a new one it may vanish.</param>
/// <param name="Body">The JSON.</param>
internal sealed record ReportRow(ReportKind Kind, string Uid, string Version, TimeSpan TimeToLive, byte[] Body);

/// <summary>
/// When this process first saw each report as it is now: times to live run on the observer's own clock, from unchanged values.
/// </summary>
internal sealed class ReportAges(TimeProvider time)
{
    /// <summary>No report vanishes earlier, whatever its owner asked for (ST3).</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(20);

    private readonly Lock gate = new();
    private Dictionary<(ReportKind Kind, string Uid), (string Version, long SeenAt)> seen = [];

    /// <summary>Looks at all rows.</summary>
    /// <param name="rows">What the store holds now.</param>
    /// <returns>The rows that live, and those that have expired.</returns>
    public (ImmutableArray<ReportRow> Live, ImmutableArray<ReportRow> Expired) Look(ImmutableArray<ReportRow> rows)
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            var next = new Dictionary<(ReportKind Kind, string Uid), (string Version, long SeenAt)>(rows.Length);
            foreach (var row in rows)
            {
                next[(row.Kind, row.Uid)] =
                    seen.TryGetValue((row.Kind, row.Uid), out var entry) && entry.Version == row.Version ? entry : (row.Version, now);
            }

            seen = next;
            bool HasExpired(ReportRow row) =>
                time.GetElapsedTime(next[(row.Kind, row.Uid)].SeenAt, now) > (row.TimeToLive > Shortest ? row.TimeToLive : Shortest);
            return ([.. rows.Where(row => !HasExpired(row))], [.. rows.Where(HasExpired)]);
        }
    }
}

/// <summary>Who hears of a row.</summary>
internal static class ReportKinds
{
    /// <summary>Keepers listen to the document only, so a question rings like it.</summary>
    /// <param name="kind">The kind of the row that changed.</param>
    /// <returns>The hint.</returns>
    public static StoreChange Change(this ReportKind kind) => kind == ReportKind.Question ? StoreChange.ClusterData : StoreChange.Reports;
}

/// <summary>Makes reports of rows.</summary>
internal static class ReportReader
{
    /// <summary>Reads every row; one that cannot be read is named instead.</summary>
    /// <param name="rows">The rows.</param>
    /// <returns>The reports, sorted by id.</returns>
    public static Reports Read(ImmutableArray<ReportRow> rows)
    {
        // A question that cannot be read is left out: a sentinel's sight does not suffer from it.
        var unreadable = ImmutableArray.CreateBuilder<string>();
        return new Reports(
            ReadAll(rows, ReportKind.Keeper, body => ClusterJson.ReadKeeperReport(body), unreadable),
            ReadAll(rows, ReportKind.Proxy, body => ClusterJson.ReadProxyReport(body), unreadable),
            ReadAll(rows, ReportKind.Sentinel, body => ClusterJson.ReadSentinelReport(body), unreadable),
            ReadAll(rows, ReportKind.Question, body => ClusterJson.ReadQuestion(body), ImmutableArray.CreateBuilder<string>()),
            unreadable.ToImmutable());
    }

    private static ImmutableArray<T> ReadAll<T>(
        ImmutableArray<ReportRow> rows, ReportKind kind, Func<byte[], T> read, ImmutableArray<string>.Builder unreadable)
    {
        var reports = ImmutableArray.CreateBuilder<T>();
        foreach (var row in rows.Where(row => row.Kind == kind).OrderBy(row => row.Uid, StringComparer.Ordinal))
        {
            try
            {
                reports.Add(read(row.Body));
            }
            catch (ClusterDataException exception)
            {
                unreadable.Add($"{kind.ToString().ToLowerInvariant()} {row.Uid}: {exception.Message}");
            }
        }

        return reports.ToImmutable();
    }
}
