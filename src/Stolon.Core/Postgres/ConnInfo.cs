namespace Stolon.Postgres;

/// <summary>How to reach one PostgreSQL server, without a password (S11).</summary>
/// <param name="Host">Host name, address, or socket folder.</param>
/// <param name="Port">Port.</param>
/// <param name="User">User name.</param>
/// <param name="ApplicationName">What <c>pg_stat_replication</c> shows; empty = nothing.</param>
public sealed record ConnInfo(string Host, int Port, string User, string ApplicationName);
