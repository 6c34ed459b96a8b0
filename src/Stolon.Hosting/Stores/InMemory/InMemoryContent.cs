using System.Collections.Immutable;
using Stolon.Storage;

namespace Stolon.Hosting.Stores;

/// <summary>What a store in memory holds. Everything happens under one lock: see <see cref="Locked{T}"/>.</summary>
internal sealed class InMemoryContent
{
    /// <summary>How many decisions are kept.</summary>
    public const int HistoryLength = 100;

    private readonly Lock gate = new();
    private readonly SortedDictionary<(ReportKind Kind, string Uid), ReportRow> reports = [];
    private StoreChange changed;
    private long counter;

    /// <summary>Who listens.</summary>
    public ChangeHub Hub { get; } = new();

    /// <summary>The document's JSON.</summary>
    public byte[]? Document { get; private set; }

    /// <summary>Its version.</summary>
    public string Version { get; private set; } = "";

    /// <summary>The leader.</summary>
    public LeaderRow? Leader { get; private set; }

    /// <summary>The last decisions.</summary>
    public ImmutableArray<Decision> History { get; private set; } = [];

    /// <summary>Does something as one step, and hands out the hints afterwards.</summary>
    /// <typeparam name="T">What it gives.</typeparam>
    /// <param name="step">What to do.</param>
    /// <returns>What it gave.</returns>
    public T Locked<T>(Func<InMemoryContent, T> step)
    {
        T result;
        StoreChange change;
        lock (gate)
        {
            changed = StoreChange.None;
            result = step(this);
            change = changed;
        }

        if (change != StoreChange.None)
        {
            Hub.Raise(change);
        }

        return result;
    }

    public bool TryPut(byte[] body, StoreVersion? expected, ImmutableArray<Decision> decisions) =>
        (expected is { } version ? Document is not null && version.Token == Version : Document is null) && Put(body, decisions);

    public bool Put(byte[] body, ImmutableArray<Decision> decisions)
    {
        Document = body;
        Version = Next();
        History = [.. History.AddRange(decisions).TakeLast(HistoryLength)];
        changed |= StoreChange.ClusterData;
        return true;
    }

    public ImmutableArray<ReportRow> Reports() => [.. reports.Values];

    public bool Publish(ReportKind kind, string uid, byte[] body, TimeSpan timeToLive)
    {
        reports[(kind, uid)] = new ReportRow(kind, uid, Next(), timeToLive, body);
        changed |= kind.Change();
        return true;
    }

    public bool Withdraw(ReportKind kind, string uid)
    {
        changed |= reports.Remove((kind, uid)) ? kind.Change() : StoreChange.None;
        return true;
    }

    public bool RemoveUnchanged(ImmutableArray<ReportRow> rows)
    {
        foreach (var row in rows.Where(row => reports.GetValueOrDefault((row.Kind, row.Uid))?.Version == row.Version))
        {
            Withdraw(row.Kind, row.Uid);
        }

        return true;
    }

    public bool TryTake(LeaderRow? seen, LeaderRow mine)
    {
        if (Leader != seen)
        {
            return false;
        }

        Leader = mine;
        changed |= ChangeHub.Leader;
        return true;
    }

    public bool TryRenew(string session)
    {
        if (Leader?.Session != session)
        {
            return false;
        }

        Leader = Leader with { Renewal = Leader.Renewal + 1 };
        return true;
    }

    public bool Release(string session)
    {
        if (Leader?.Session == session)
        {
            Leader = null;
            changed |= ChangeHub.Leader;
        }

        return true;
    }

    private string Next() => (++counter).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
