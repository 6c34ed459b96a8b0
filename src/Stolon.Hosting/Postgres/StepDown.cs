using System.Globalization;
using Npgsql;
using Stolon.Hosting.Time;

namespace Stolon.Hosting.Postgres;

/// <summary>
/// How a primary steps down without losing anything (architecture, section 7, steps 1 and 3): first whatever would hold up a clean stop is looked for, and
/// then it stops, with all its WAL sent to the next primary.
/// </summary>
internal sealed class StepDown(PostgresContext context, LocalConnections connections, Postmaster postmaster)
{
    /// <summary>How long the standbys may take to have what was just written.</summary>
    private static readonly TimeSpan StandbyLimit = TimeSpan.FromSeconds(2);

    /// <summary>After which only the next primary is waited for.</summary>
    private static readonly TimeSpan OthersLimit = TimeSpan.FromSeconds(1);

    /// <summary>After which the stop is given up.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AskLimit = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>More files than that are no chance: the archiver is behind.</summary>
    private const int MostUnarchived = 2;

    private const string Archiver = """
        select (select count(*) from pg_ls_archive_statusdir() where name like '%.ready'),
               coalesce((select last_failed_wal from pg_stat_archiver where last_failed_time > coalesce(last_archived_time, '-infinity')), '')
        where current_setting('archive_mode') <> 'off'
        """;

    private const string Behind = """
        select coalesce(string_agg(format('%s (%s)', application_name, case state when 'backup' then 'a base backup' else state end), ', '), '')
        from pg_stat_replication where state = 'backup' or (state <> 'startup' and coalesce(flush_lsn, '0/0') < $1::text::pg_lsn)
        """;

    /// <summary>Writes a checkpoint, so that the one of the stop is short, and looks whether anybody would hold the stop up.</summary>
    /// <param name="limit">How long the checkpoint may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What is in the way, as a sentence; empty = nothing.</returns>
    /// <exception cref="PostgresInstanceException">It could not be asked.</exception>
    public async Task<string> PrepareAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            var session = await connections.OpenAsync(cancellationToken).ConfigureAwait(false);
            await using var sessionEnd = session.ConfigureAwait(false);
            if (await FindArchiverTroubleAsync(session, cancellationToken).ConfigureAwait(false) is { Length: > 0 } trouble)
            {
                return trouble;
            }

            await AskAsync(session, "set statement_timeout = 0", null, limit, cancellationToken).ConfigureAwait(false);
            await AskAsync(session, "checkpoint", null, limit, cancellationToken).ConfigureAwait(false);
            return await AwaitStandbysAsync(session, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (LocalConnections.IsFailure(error))
        {
            throw new PostgresInstanceException($"The primary could not be prepared to step down: {error.Message}", error);
        }
    }

    /// <summary>Stops it: fast; the walsenders of others than the target are ended after 1 s; after 5 s it is stopped at once.</summary>
    /// <param name="guard">Its guard.</param>
    /// <param name="target">The application name of the next primary's walreceiver.</param>
    /// <param name="cancellationToken">Ends the wait; what was signalled stays so.</param>
    /// <returns>Why it did not stop cleanly; empty when it may have: the control file knows.</returns>
    public async Task<string> StopAsync(Guard? guard, string target, CancellationToken cancellationToken)
    {
        var others = await FindOthersAsync(target, cancellationToken).ConfigureAwait(false);
        var began = context.Clock.Now();
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ending = EndOthersAsync(guard, others, stopped.Token);
        await postmaster.StopAsync(guard, context.Folder.Pgdata, StopMode.Fast, StopLimit, cancellationToken).ConfigureAwait(false);
        await stopped.CancelAsync().ConfigureAwait(false);
        await ending.ConfigureAwait(false);
        return context.Clock.Now() - began < StopLimit
            ? ""
            : $"The primary did not stop within {StopLimit.TotalSeconds} s: the next primary's walsender, or the archiver, held it up.";
    }

    private static async Task<string> FindArchiverTroubleAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(Archiver, session);
        await using var commandEnd = command.ConfigureAwait(false);
        var rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var rowsEnd = rows.ConfigureAwait(false);
        return !await rows.ReadAsync(cancellationToken).ConfigureAwait(false) ? ""
            : rows.GetString(1) is { Length: > 0 } failed ? $"archive_command failed last for {failed}: a stop would wait for it."
            : rows.GetInt64(0) > MostUnarchived ? $"The archiver is behind by {rows.GetInt64(0)} files of WAL: a stop would wait for it."
            : "";
    }

    /// <summary>Who does not take what was just written would hold up the stop: it is frozen, or slow, or a subscriber that does not apply.</summary>
    private async Task<string> AwaitStandbysAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        var position = await AskAsync(session, "select pg_current_wal_flush_lsn()::text", null, AskLimit, cancellationToken).ConfigureAwait(false);
        var end = context.Clock.Now() + StandbyLimit;
        while (true)
        {
            var behind = await AskAsync(session, Behind, position, AskLimit, cancellationToken).ConfigureAwait(false);
            if (behind.Length == 0)
            {
                return "";
            }

            if (context.Clock.Now() >= end)
            {
                return $"These receivers of WAL do not answer, or are behind, and a stop would wait for them: {behind}.";
            }

            await Task.Delay(Poll, context.Clock, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyList<int>> FindOthersAsync(string target, CancellationToken cancellationToken)
    {
        const string Others = "select coalesce(string_agg(pid::text, ' '), '') from pg_stat_replication where application_name <> $1";
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(AskLimit);
        try
        {
            var pids = await connections.AskAsync(main => AskAsync(main, Others, target, AskLimit, limited.Token), limited.Token).ConfigureAwait(false);
            return [.. pids.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pid => int.Parse(pid, CultureInfo.InvariantCulture))];
        }
        catch (Exception error) when (error is PostgresInstanceException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Then all are waited for.
            return [];
        }
    }

    private async Task EndOthersAsync(Guard? guard, IReadOnlyList<int> walsenders, CancellationToken stopped)
    {
        await Task.Delay(OthersLimit, context.Clock, stopped).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (stopped.IsCancellationRequested || Postmaster.Find(guard, context.Folder.Pgdata) is not { } parent)
        {
            return;
        }

        // The number may be another process's by now.
        foreach (var walsender in walsenders.Where(walsender => ProcessTable.ParentOf(walsender) == parent))
        {
            Libc.Signal(walsender, Libc.SigTerm);
        }
    }

    private static async Task<string> AskAsync(
        NpgsqlConnection session, string question, string? parameter, TimeSpan limit, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(question, session) { CommandTimeout = (int)Math.Ceiling(limit.TotalSeconds) };
        await using var end = command.ConfigureAwait(false);
        if (parameter is not null)
        {
            command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text, Value = parameter });
        }

        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string ?? "";
    }
}
