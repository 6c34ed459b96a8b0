using Npgsql;
using Stolon.Hosting.Time;
using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>Loads a new configuration into the running instance, and knows that it is loaded (Q18, Q36).</summary>
internal sealed class ServerReload(PostgresContext context, LocalConnections connections)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    // A new session has inherited what the postmaster has loaded. "Could not be applied" is no mistake where a restart will do it, and a
    // line of pg_hba that was understood (it has a type) is loaded, whatever there is to say about it.
    private const string Loaded = """
        select pg_conf_load_time()::text,
               coalesce((select string_agg(coalesce(f.name, 'line ' || f.sourceline) || ': ' || f.error, '; ')
                         from pg_file_settings f left join pg_settings s on lower(s.name) = lower(f.name)
                         where f.error is not null and not coalesce(s.pending_restart, false) and coalesce(s.context, '') <> 'postmaster'), ''),
               coalesce((select string_agg('pg_hba.conf line ' || line_number || ': ' || error, '; ')
                         from pg_hba_file_rules where error is not null and type is null), ''),
               coalesce((select string_agg(lower(f.name), ' ')
                         from pg_file_settings f left join pg_settings s on lower(s.name) = lower(f.name)
                         where f.error is not null and not coalesce(s.pending_restart, false) and coalesce(s.context, '') <> 'postmaster'), ''),
               coalesce((select min(line_number) from pg_hba_file_rules where error is not null and type is null), 0)
        """;

    /// <summary>Writes the configuration, reloads, and waits until new sessions have it.</summary>
    /// <param name="wanted">The new configuration.</param>
    /// <param name="before">What is written again when the new one has a mistake; null = nothing.</param>
    /// <param name="postmaster">Finds whom to signal, at the last instant: the number may be another process's later.</param>
    /// <param name="written">Called when a configuration is about to be written, and may be loaded from then on.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What PostgreSQL does not accept; null when the configuration is loaded.</returns>
    /// <exception cref="PostgresInstanceException">It was not loaded in time.</exception>
    public async Task<Refusal?> ApplyAsync(
        ServerConfiguration wanted, ServerConfiguration? before, Func<int?> postmaster, Action<ServerConfiguration> written, CancellationToken cancellationToken)
    {
        var (loadedBefore, _) = await AskAsync(cancellationToken).ConfigureAwait(false);
        written(wanted);
        Load(wanted, postmaster);
        var end = context.Clock.Now() + Limit;
        while (true)
        {
            var (loaded, refusal) = await AskAsync(cancellationToken).ConfigureAwait(false);
            if (refusal is not null)
            {
                if (before is not null)
                {
                    written(before);
                    Load(before, postmaster);
                }

                return refusal;
            }

            if (loaded != loadedBefore)
            {
                return null;
            }

            if (context.Clock.Now() >= end)
            {
                throw new PostgresInstanceException($"PostgreSQL did not load its configuration within {Limit}.");
            }

            await Task.Delay(Poll, context.Clock, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Load(ServerConfiguration configuration, Func<int?> postmaster)
    {
        ServerFiles.Write(context.Folder.Pgdata, configuration, context.Owner);
        Libc.Signal(
            postmaster() ?? throw new PostgresInstanceException("PostgreSQL does not run, so nothing can be loaded into it."), Libc.SigHup);
    }

    private async Task<(string Loaded, Refusal? Refusal)> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            var session = await connections.OpenAsync(cancellationToken).ConfigureAwait(false);
            await using var end = session.ConfigureAwait(false);
            return await AskAsync(session, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.TooManyConnections)
        {
            // No place for a new session: the one that is open loads the same file, an instant later.
            return await connections.AskAsync(main => AskAsync(main, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (LocalConnections.IsFailure(error))
        {
            throw new PostgresInstanceException($"PostgreSQL could not be asked whether it has loaded its configuration: {error.Message}", error);
        }
    }

    private static async Task<(string Loaded, Refusal? Refusal)> AskAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(Loaded, session);
        await using var commandEnd = command.ConfigureAwait(false);
        var rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var rowsEnd = rows.ConfigureAwait(false);
        await rows.ReadAsync(cancellationToken).ConfigureAwait(false);
        string[] mistakes = [rows.GetString(1), rows.GetString(2)];
        var said = string.Join("; ", mistakes.Where(mistake => mistake.Length > 0));
        var names = rows.GetString(3).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (rows.GetString(0), said.Length == 0 ? null : new Refusal([.. names], rows.GetInt32(4), said));
    }
}
