using Stolon.Storage;

namespace Stolon.Hosting.Stores;

/// <summary>The one row that every transaction reads first: the stamp, and when what last changed.</summary>
/// <param name="Stamp">The stamp.</param>
/// <param name="Data">The sequence at which the document last changed.</param>
/// <param name="Reports">The sequence at which a report last changed.</param>
/// <param name="Leader">The sequence at which the leadership last changed hands.</param>
internal sealed record Head(Stamp Stamp, long Data, long Reports, long Leader)
{
    /// <summary>Not a hint: the write is nobody else's business (a renewal).</summary>
    public const StoreChange Quiet = (StoreChange)8;

    /// <summary>Reads it.</summary>
    /// <param name="connection">In a transaction.</param>
    /// <returns>The row; null when there is none.</returns>
    public static Head? Read(StoreConnection connection) =>
        connection.Query(
            "SELECT stamp, data, reports, leader FROM head",
            row => Stamp.Read((byte[])row[0]) is { } stamp
                ? new Head(stamp, row.GetInt64(1), row.GetInt64(2), row.GetInt64(3))
                : null).FirstOrDefault();

    /// <summary>The row after a write.</summary>
    /// <param name="outside">The stamp of the main file itself.</param>
    /// <param name="change">What was written.</param>
    /// <returns>The next row.</returns>
    public Head After(Stamp outside, StoreChange change)
    {
        var next = Stamp.Sequence + 1;
        return new Head(
            new Stamp(Stamp.Store, outside.Sequence, next),
            change.HasFlag(StoreChange.ClusterData) ? next : Data,
            change.HasFlag(StoreChange.Reports) ? next : Reports,
            change.HasFlag(ChangeHub.Leader) ? next : Leader);
    }

    /// <summary>Writes it.</summary>
    /// <param name="connection">In a transaction.</param>
    public void Write(StoreConnection connection) =>
        connection.Execute(
            "UPDATE head SET stamp = $1, data = $2, reports = $3, leader = $4", Stamp.ToBytes(), Data, Reports, Leader);

    /// <summary>What changed since an earlier look.</summary>
    /// <param name="earlier">The earlier row.</param>
    /// <returns>What changed.</returns>
    public StoreChange Since(Head earlier) =>
        earlier.Stamp.Store != Stamp.Store || earlier.Stamp.Sequence > Stamp.Sequence
            ? ChangeHub.All
            : (Data != earlier.Data ? StoreChange.ClusterData : StoreChange.None)
                | (Reports != earlier.Reports ? StoreChange.Reports : StoreChange.None)
                | (Leader != earlier.Leader ? ChangeHub.Leader : StoreChange.None);
}
