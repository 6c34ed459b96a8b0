using Npgsql;

namespace Stolon.Hosting.Postgres;

/// <summary>Gives a fresh cluster its superuser's password and its replication user (K29). Passwords are stored as SCRAM (Q17).</summary>
internal static class RoleSetup
{
    public static async Task ApplyAsync(
        NpgsqlConnection main, PostgresCredentials superuser, PostgresCredentials replication, CancellationToken cancellationToken)
    {
        var transaction = await main.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var end = transaction.ConfigureAwait(false);
        // The secret is no password, but nobody needs it in a log either.
        await RunAsync(main, "set local log_statement = 'none'", cancellationToken).ConfigureAwait(false);
        await RunAsync(main, "set local log_min_duration_statement = -1", cancellationToken).ConfigureAwait(false);
        await RunAsync(main, "set local log_min_error_statement = 'panic'", cancellationToken).ConfigureAwait(false);
        if (superuser.UserName == replication.UserName)
        {
            await RunAsync(main, $"alter role {Name(superuser)} with login replication{Secret(superuser)}", cancellationToken)
                .ConfigureAwait(false);
        }
        else
        {
            await RunAsync(main, $"alter role {Name(superuser)} with login{Secret(superuser)}", cancellationToken)
                .ConfigureAwait(false);
            await RunAsync(main, $"create role {Name(replication)} with login replication{Secret(replication)}", cancellationToken)
                .ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    private static string Name(PostgresCredentials user) => $"\"{user.UserName.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Secret(PostgresCredentials user) =>
        user.NeededPassword is not { Length: > 0 } password ? ""
            : $" password '{ScramSecret.Of(password)}'";

    private static async Task RunAsync(NpgsqlConnection main, string text, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(text, main);
        await using var end = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
