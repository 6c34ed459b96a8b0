using Npgsql;
using Stolon.Hosting.Time;

namespace Stolon.Hosting.Postgres;

/// <summary>Makes a standby a primary (K19.4).</summary>
internal sealed class Promotion(PostgresContext context, LocalConnections connections, Postmaster postmaster)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    /// <summary>Orders it and waits until PostgreSQL is out of recovery.</summary>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancellationToken">Ends the wait; what was ordered stays so until PostgreSQL is stopped.</param>
    /// <exception cref="PostgresInstanceException">It could not be told, or is still a standby after the limit.</exception>
    public async Task RunAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var end = context.Clock.Now() + limit;
        await AskAsync("select pg_promote(wait => false)", cancellationToken).ConfigureAwait(false);
        while (await AskAsync("select pg_is_in_recovery()", cancellationToken).ConfigureAwait(false))
        {
            if (context.Clock.Now() >= end)
            {
                throw postmaster.Failure($"PostgreSQL was told to become a primary and is still a standby after {limit}.");
            }

            await Task.Delay(Poll, context.Clock, cancellationToken).ConfigureAwait(false);
        }

        context.Logger.Promoted();
    }

    private Task<bool> AskAsync(string question, CancellationToken cancellationToken) =>
        connections.AskAsync(
            async main =>
            {
                var command = new NpgsqlCommand(question, main);
                await using var end = command.ConfigureAwait(false);
                return (bool)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
            },
            cancellationToken);
}
