using System.Collections.Immutable;
using Npgsql;

namespace Stolon.Hosting.Postgres;

/// <summary>The roles of keepers: made in a fresh cluster (K29), and given another password later. Passwords are stored as SCRAM (Q17).</summary>
internal static class RoleSetup
{
    private static readonly string[] Silent =
    [
        // Whatever the operator made the default: a role is changed by a transaction that may write.
        "set transaction read write",
        // The secret is no password, but nobody needs it in a log or in statistics either.
        "set local log_statement = 'none'", "set local log_min_duration_statement = -1", "set local log_min_error_statement = 'panic'", "set local log_min_messages = 'warning'",
        "set local debug_print_parse = off", "set local debug_print_rewritten = off", "set local debug_print_plan = off",
        "set local pg_stat_statements.track_utility = off",
    ];

    public static async Task ApplyAsync(
        NpgsqlConnection main, PostgresCredentials superuser, PostgresCredentials replication, CancellationToken cancellationToken)
    {
        var transaction = await main.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var end = transaction.ConfigureAwait(false);
        await BeSilentAsync(main, cancellationToken).ConfigureAwait(false);
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

    /// <summary>
    /// Gives the roles of a running primary the passwords that they shall have, where they have others. A role that is not there is not
    /// made (K27).
    /// </summary>
    /// <param name="main">A session of the superuser; its commits wait for no standby.</param>
    /// <param name="roles">The roles.</param>
    /// <param name="cancellationToken">Gives up; nothing is changed then.</param>
    /// <returns>The names of those that were changed.</returns>
    public static async Task<ImmutableArray<string>> SettleAsync(
        NpgsqlConnection main, IEnumerable<PostgresCredentials> roles, CancellationToken cancellationToken)
    {
        var other = new List<PostgresCredentials>();
        foreach (var role in roles.DistinctBy(role => role.UserName))
        {
            if (role.NeededPassword is { Length: > 0 } password && await HasOtherAsync(main, role.UserName, password, cancellationToken).ConfigureAwait(false))
            {
                // What is set is what was compared, also when it changes meanwhile.
                other.Add(role with { Passwords = password });
            }
        }

        if (other.Count == 0)
        {
            return [];
        }

        var transaction = await main.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var end = transaction.ConfigureAwait(false);
        await BeSilentAsync(main, cancellationToken).ConfigureAwait(false);
        foreach (var role in other)
        {
            await RunAsync(main, $"alter role {Name(role)}{Secret(role)}", cancellationToken).ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return [.. other.Select(role => role.UserName)];
    }

    private static async Task<bool> HasOtherAsync(NpgsqlConnection main, string user, string password, CancellationToken cancellationToken)
    {
        var ask = new NpgsqlCommand("select rolpassword from pg_authid where rolname = $1", main) { Parameters = { new() { Value = user } } };
        await using var end = ask.ConfigureAwait(false);
        return await ask.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is { } stored
            && !ScramSecret.Fits(stored as string, user, password);
    }

    private static async Task BeSilentAsync(NpgsqlConnection main, CancellationToken cancellationToken)
    {
        foreach (var setting in Silent)
        {
            await RunAsync(main, setting, cancellationToken).ConfigureAwait(false);
        }
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
