using System.Globalization;

namespace Stolon.Hosting.Postgres;

// FileOwner.Find refuses to go on where there are no Unix modes.
#pragma warning disable CA1416

/// <summary>What would keep PostgreSQL from starting, found and named before it is tried.</summary>
internal static class StartCheck
{
    private const uint GroupWriteAndOthers = 0x17;
    private const uint GroupWrite = 0x10;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <exception cref="PostgresInstanceException">It cannot start.</exception>
    public static void Verify(PostgresContext context, bool incomplete)
    {
        var pgdata = context.Folder.Pgdata;
        if (incomplete || !DataFolder.IsComplete(pgdata))
        {
            throw new PostgresInstanceException($"{pgdata} holds no complete PostgreSQL cluster, so it cannot be started.");
        }

        var status = Libc.Status(pgdata)!.Value;
        if (status.Owner != context.Owner.User)
        {
            throw new PostgresInstanceException(
                $"{pgdata} belongs to {Libc.UserName(status.Owner)}, but PostgreSQL runs as {context.Owner.Name}. "
                + $"If the data is this keeper's: chown -R {context.Owner.Name} {pgdata}");
        }

        if ((status.Mode & GroupWriteAndOthers) is GroupWrite)
        {
            // Kubernetes gives a volume's group all rights at each mount (fsGroup). The owner's rights suffice.
            using var rights = context.Owner.Assume();
            File.SetUnixFileMode(pgdata, OwnerOnly);
        }
        else if ((status.Mode & GroupWriteAndOthers) != 0)
        {
            throw new PostgresInstanceException(
                $"{pgdata} is open to other users, and PostgreSQL does not start so. To close it: chmod 0700 {pgdata}");
        }

        var text = File.ReadAllText(Path.Combine(pgdata, "PG_VERSION")).Trim();
        if (!int.TryParse(text, CultureInfo.InvariantCulture, out var major) || major != context.Binaries.Version.Major)
        {
            throw new PostgresInstanceException(
                $"{pgdata} was made by PostgreSQL {text}, but the programs in {context.Binaries.Folder} are {context.Binaries.Version}. "
                + "Use programs of the version that made the data (option BinDirectory), or upgrade the data with pg_upgrade.");
        }
    }
}
