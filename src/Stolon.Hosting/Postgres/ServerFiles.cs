using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>Writes what PostgreSQL reads when it starts or reloads (G7, G8, C3).</summary>
internal static class ServerFiles
{
    /// <summary>Replaces <c>postgresql.conf</c> and <c>pg_hba.conf</c>, each in one step, 0600.</summary>
    /// <exception cref="PostgresInstanceException">Something in the configuration cannot be written down.</exception>
    public static void Write(string pgdata, ServerConfiguration configuration, FileOwner owner)
    {
        try
        {
            var parameters = ConfigFile.Text(configuration.Parameters);
            var rules = ConfigFile.HbaText(configuration.Hba);
            owner.Replace(Path.Combine(pgdata, "postgresql.conf"), parameters);
            owner.Replace(Path.Combine(pgdata, "pg_hba.conf"), rules);
        }
        catch (ArgumentException error)
        {
            throw new PostgresInstanceException($"The configuration cannot be written: {error.Message}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new PostgresInstanceException(
                $"The configuration in {pgdata} could not be written: {error.Message} {FailureRemedy.ForDisk(pgdata)}".Trim(), error);
        }
    }

    /// <summary>Closes the door for ALTER SYSTEM and leaves the signal file that the role asks for.</summary>
    public static void PrepareStart(string pgdata, RecoverySignal signal, FileOwner owner)
    {
        owner.Link(Path.Combine(pgdata, "postgresql.auto.conf"), "/dev/null");
        if (signal != RecoverySignal.None)
        {
            CreateSignal(pgdata, signal == RecoverySignal.Standby ? "standby.signal" : "recovery.signal", owner);
        }
    }

    /// <summary>Creates an empty signal file that survives a power cut; nothing when it is there.</summary>
    public static void CreateSignal(string pgdata, string name, FileOwner owner)
    {
        var path = Path.Combine(pgdata, name);
        if (!File.Exists(path))
        {
            owner.Replace(path, "");
        }
    }

    /// <summary>
    /// Removes what a killed postmaster left: its number may already be another process's, or a zombie's, and PostgreSQL would wait
    /// for that one. Only after nothing of the data directory runs.
    /// </summary>
    public static void RemoveStaleLocks(string pgdata, string socketFolder, int port)
    {
        File.Delete(PostmasterFile.PathIn(pgdata));
        File.Delete(Path.Combine(socketFolder, $".s.PGSQL.{port}.lock"));
        File.Delete(Path.Combine(socketFolder, $".s.PGSQL.{port}"));
    }
}
