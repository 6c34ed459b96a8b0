using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>
/// The file with the replication user's password that <c>primary_conninfo</c> names (S11). libpq reads it at each new connection, so a change
/// needs no reload; and it takes the first line that fits, so the file holds the one password that the followed server accepts.
/// </summary>
internal sealed class ReplicationPassFile(DataFolder folder, FileOwner owner, PostgresCredentials replication)
{
    /// <summary>How long a look at the followed server may take: each known password is tried.</summary>
    public static readonly TimeSpan Limit = 3 * TimeSpan.FromSeconds(2 * ReplicationClient.LimitSeconds);

    private readonly string path = System.IO.Path.Combine(folder.Run, "replication.pgpass");
    private string? written;

    /// <summary>Where it is; null for trust.</summary>
    public string? Path => replication.NeededPassword is null ? null : path;

    /// <summary>Writes it before anything starts. One that an earlier life found to be accepted stays until the new one is.</summary>
    public void Prepare()
    {
        if (replication.NeededPassword is not { } password)
        {
            File.Delete(path);
            return;
        }

        var there = File.Exists(path) ? File.ReadAllText(path) : "";
        Write(replication.Passwords.Known.FirstOrDefault(one => there == ConnInfoText.PassFile(replication.UserName, one)) ?? password);
    }

    /// <inheritdoc cref="IPostgresInstance.RefreshPassFileAsync"/>
    public async Task<bool> RefreshAsync(ConnInfo followed, bool streams, CancellationToken cancellationToken)
    {
        if (Path is null || replication.Passwords.Known.Count < 2 || (streams && written == replication.Password))
        {
            return false;
        }

        var (_, accepted) = await ReplicationClient.IdentifyAsync(followed, replication.Passwords, cancellationToken).ConfigureAwait(false);
        if (accepted is null || accepted == written)
        {
            return false;
        }

        Write(accepted);
        return true;
    }

    private void Write(string password)
    {
        owner.Replace(path, ConnInfoText.PassFile(replication.UserName, password));
        written = password;
    }
}
