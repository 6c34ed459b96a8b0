using Stolon.Cluster;

namespace Stolon.Postgres;

/// <summary>The signal file that decides how PostgreSQL starts (C3).</summary>
public enum RecoverySignal
{
    /// <summary>No file: it starts as a primary.</summary>
    None,

    /// <summary><c>standby.signal</c>.</summary>
    Standby,

    /// <summary><c>recovery.signal</c>.</summary>
    Recovery,
}

/// <summary>All that is written for an instance before it starts or reloads.</summary>
/// <param name="Parameters">The content of <c>postgresql.conf</c>, recovery parameters included.</param>
/// <param name="Hba">The lines of <c>pg_hba.conf</c>.</param>
/// <param name="Signal">The signal file to create; none is ever deleted here (C3).</param>
public sealed record ServerConfiguration(ValueMap<string, string> Parameters, ValueList<string> Hba, RecoverySignal Signal)
{
    /// <summary>Only replication and the keeper may connect (H5): clients stay out until it is safe (S9).</summary>
    public bool InternalOnly { get; init; }

    /// <summary>
    /// Whether the running instance has to be restarted to follow what the next configuration says (K20.4, Q20). Other parameters than those of
    /// recovery are left to the server: it says itself what waits for a restart (K22.5).
    /// </summary>
    /// <param name="next">The next configuration.</param>
    /// <param name="version">The server's version.</param>
    /// <returns>False if a reload suffices, or nothing about recovery changes.</returns>
    public bool RecoveryNeedsRestart(ServerConfiguration next, ServerVersion version) =>
        Signal != next.Signal || ManagedParameters.Recovery.Any(name =>
            Parameters.Find(name) != next.Parameters.Find(name) && !version.ReloadSuffices(name));
}
