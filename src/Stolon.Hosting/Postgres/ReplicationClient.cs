using Npgsql;
using Npgsql.Replication;
using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>Asks other servers over a replication connection.</summary>
internal static class ReplicationClient
{
    private const int LimitSeconds = 5;

    public static async Task<(string SystemId, uint Timeline)> IdentifyAsync(
        ConnInfo server, string? password, CancellationToken cancellationToken)
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
        try
        {
            await connection.Open(cancellationToken).ConfigureAwait(false);
            var identity = await connection.IdentifySystem(cancellationToken).ConfigureAwait(false);
            return (identity.SystemId, identity.Timeline);
        }
        catch (Exception error) when (LocalConnections.IsFailure(error))
        {
            var said = error.InnerException is null ? error.Message : $"{error.Message}: {error.InnerException.Message}";
            throw new PostgresInstanceException(
                $"{server.Host}:{server.Port} could not be asked as {server.User}: {said}. {FailureRemedy.For(said)}".Trim(), error);
        }
    }
}
