namespace Stolon.Postgres;

/// <summary>A role that keepers use. Its password is not here (S11).</summary>
/// <param name="Name">The role's name.</param>
/// <param name="AuthMethod">Its method in <c>pg_hba.conf</c>: <c>scram-sha-256</c>, <c>md5</c> or <c>trust</c>; null = the cluster's (Q17).</param>
public sealed record PostgresUser(string Name, string? AuthMethod = null);
