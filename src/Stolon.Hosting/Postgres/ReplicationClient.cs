using Npgsql;
using Npgsql.Replication;
using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>Asks other servers over a replication connection.</summary>
internal static class ReplicationClient
{
    /// <summary>How long connecting may take, and an answer.</summary>
    public const int LimitSeconds = 5;

    /// <summary>Logs in and asks who it is.</summary>
    /// <param name="server">The server and the user.</param>
    /// <param name="password">The user's password.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Its system identifier, and which of the known passwords it accepted.</returns>
    /// <exception cref="PostgresInstanceException">It could not be asked.</exception>
    public static async Task<(string SystemId, string? Password)> IdentifyAsync(
        ConnInfo server, RolePassword password, CancellationToken cancellationToken)
    {
        try
        {
            return await password.LogInAsync(async one => (await AskAsync(server, one, cancellationToken).ConfigureAwait(false), one)).ConfigureAwait(false);
        }
        catch (Exception error) when (LocalConnections.IsFailure(error))
        {
            var said = error.InnerException is null ? error.Message : $"{error.Message}: {error.InnerException.Message}";
            throw new PostgresInstanceException(
                $"{server.Host}:{server.Port} could not be asked as {server.User}: {said}. {FailureRemedy.For(said)}".Trim(), error);
        }
    }

    private static async Task<string> AskAsync(ConnInfo server, string? password, CancellationToken cancellationToken)
    {
        var text = new NpgsqlConnectionStringBuilder
        {
            Host = server.Host,
            Port = server.Port,
            Username = server.User,
            Password = password,
            ApplicationName = server.ApplicationName,
            Pooling = false,
            SslMode = SslMode.Prefer,
            GssEncryptionMode = GssEncryptionMode.Disable,
            Timeout = LimitSeconds,
            CommandTimeout = LimitSeconds,
            CancellationTimeout = 500,
        };
        var connection = new PhysicalReplicationConnection(text.ConnectionString);
        await using var end = connection.ConfigureAwait(false);
        await connection.Open(cancellationToken).ConfigureAwait(false);
        return (await connection.IdentifySystem(cancellationToken).ConfigureAwait(false)).SystemId;
    }
}
