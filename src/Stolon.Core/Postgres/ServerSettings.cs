using Stolon.Cluster;

namespace Stolon.Postgres;

/// <summary>What the parameters of an instance depend on beside its db spec: the keeper's options, and what it finds on its machine.</summary>
public sealed record ServerSettings
{
    /// <summary>The version of the binaries.</summary>
    public required ServerVersion Version { get; init; }

    /// <summary>The address to listen on; may be <c>*</c>.</summary>
    public required string ListenAddress { get; init; }

    /// <summary>The port to listen on.</summary>
    public required int Port { get; init; }

    /// <summary>The folder of the local socket: inside the keeper's data directory, where its path is short enough (Q17).</summary>
    public required string SocketDirectory { get; init; }

    /// <summary>The folder of PostgreSQL's log; empty = PostgreSQL writes to its standard error and rotates nothing.</summary>
    public string LogDirectory { get; init; } = "";

    /// <summary>The parameters captured at initialisation (G1): <see cref="DbState.InitPgParameters"/>.</summary>
    public ValueMap<string, string> InitPgParameters { get; init; } = ValueMap<string, string>.Empty;

    /// <summary>
    /// <c>synchronous_standby_names</c> as the instance has it loaded or written now; empty = none. The order of the new list depends on it (Q38).
    /// </summary>
    public string CurrentSynchronousStandbyNames { get; init; } = "";

    /// <summary>The method of the pg_hba lines that we write (Q17): <see cref="ClusterSettings.AuthMethod"/>.</summary>
    public string AuthMethod { get; init; } = "md5";
}
