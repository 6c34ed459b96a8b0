using Stolon.Cluster;

namespace Stolon.Hosting.Postgres;

/// <summary>
/// Proof that from a position on every commit waits for all of a list (Q38). Whoever of the list has flushed that position has every
/// commit that was ever acknowledged, and will have every one that is.
/// </summary>
/// <param name="List">Which list, counted from the start of the process: the same names written again later are another list.</param>
/// <param name="Position">Where PostgreSQL's WAL was when it was proven.</param>
internal sealed record CommitBarrier(long List, Lsn Position);
