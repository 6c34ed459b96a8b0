using System.Security.Cryptography;
using System.Text;

namespace Stolon.Hosting.Postgres;

/// <summary>The names inside a keeper's data directory.</summary>
/// <param name="Root">The data directory, absolute.</param>
internal sealed record DataFolder(string Root)
{
    private const int LongestSocketPath = 107;

    /// <summary>PGDATA.</summary>
    public string Pgdata => Path.Combine(Root, "postgres");

    /// <summary>Where a new PGDATA is built (S5).</summary>
    public string New => Path.Combine(Root, "postgres.new");

    /// <summary>Where PGDATA waits for its deletion when names cannot be exchanged in one step.</summary>
    public string Replaced => Path.Combine(Root, "postgres.replaced");

    /// <summary>How far an exchange is (Q31).</summary>
    public string Marker => Path.Combine(Root, "resync.json");

    /// <summary>Sockets, and files with secrets for the time that a program needs them.</summary>
    public string Run => Path.Combine(Root, "run");

    public string Log => Path.Combine(Root, "log");

    /// <summary>What is said before PostgreSQL writes its own log.</summary>
    public string StartLog => Path.Combine(Log, "postgres-start.log");

    public string Guard => Path.Combine(Root, "guard.sh");

    public string Lease => Path.Combine(Root, "guard.lease");

    /// <summary>The folder for the socket of this port: our own, or a short one when the path is too long for a socket (Q17).</summary>
    public string SocketFolder(int port)
    {
        if (Encoding.UTF8.GetByteCount(Path.Combine(Run, $".s.PGSQL.{port}")) <= LongestSocketPath)
        {
            return Run;
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Root)))[..12];
        return Path.Combine(Path.GetTempPath(), $"stolon-{hash}");
    }

    /// <summary>Whether a PGDATA is complete (PG5).</summary>
    public static bool IsComplete(string pgdata) =>
        File.Exists(Path.Combine(pgdata, "PG_VERSION"))
        && File.Exists(Path.Combine(pgdata, "global", "pg_control"))
        && Parts.All(part => Directory.Exists(Path.Combine(pgdata, part)));

    private static readonly string[] Parts =
    [
        "base", "global", "pg_dynshmem", "pg_logical", "pg_multixact", "pg_notify", "pg_replslot", "pg_serial", "pg_snapshots",
        "pg_stat", "pg_stat_tmp", "pg_subtrans", "pg_tblspc", "pg_twophase", "pg_wal", "pg_xact",
    ];
}
