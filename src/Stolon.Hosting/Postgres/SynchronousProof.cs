using System.Collections.Immutable;
using Npgsql;
using Stolon.Cluster;
using Stolon.Hosting.Time;
using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>
/// Finds out whether a list of synchronous standbys is in force (Q38). PostgreSQL has it in three places, each of which learns of it in
/// its own time: the postmaster, from which new processes have it; every walsender, which releases waiting commits by the list that it has
/// loaded; and the checkpointer, which alone tells backends whether commits wait at all, and which tells them late when it is busy.
/// </summary>
internal sealed class SynchronousProof(LocalConnections connections, TimeProvider clock)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    /// <summary>How long the waiting commit may take to end once it was cancelled.</summary>
    private static readonly TimeSpan CancelLimit = TimeSpan.FromSeconds(2);

    private const string Loaded = "select current_setting('synchronous_standby_names'), pg_is_in_recovery()";

    // One that sends a base backup releases nobody.
    private const string Walsenders = """
        select pid, application_name, sync_priority, flush_lsn is not null from pg_stat_replication where state <> 'backup'
        """;

    // It assigns a transaction id and writes WAL: only such a commit waits. As a nudge to the standbys it also lets those commits go on that
    // wait since before the change (a standby answers when WAL comes; without any, after wal_receiver_status_interval).
    private const string Commit = "set synchronous_commit = on; select pg_logical_emit_message(true, 'stolon', 'synchronous standbys changed')";

    // One look is a matter of microseconds: a wait that lasts no longer than a standby in the same machine needs is seen. A position that is
    // read after it covers every commit that did not wait yet.
    private const string Seen = """
        select i from generate_series(1, 20000) i, lateral pg_stat_get_activity($1 + 0 * i) a where a.wait_event = 'SyncRep' limit 1
        """;

    /// <summary>Tries until it is proven, or until the end.</summary>
    /// <param name="names">The list, as it was written.</param>
    /// <param name="earlier">The lists before it that some walsender may still go by.</param>
    /// <param name="end">When to give up: an instant of the clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>From where on every commit waits for all of the list, or what hinders the proof.</returns>
    /// <exception cref="PostgresInstanceException">PostgreSQL could not be asked.</exception>
    public async Task<(Lsn? Position, string Hindrance)> TryAsync(
        string names, ImmutableArray<string> earlier, TimeSpan end, CancellationToken cancellationToken)
    {
        try
        {
            var looking = await connections.OpenAsync(cancellationToken).ConfigureAwait(false);
            await using var lookingEnd = looking.ConfigureAwait(false);
            var hindrance = await LoadedAsync(looking, names, cancellationToken).ConfigureAwait(false);
            hindrance = hindrance.Length > 0 ? hindrance : await WalsendersAsync(looking, names, earlier, end, cancellationToken).ConfigureAwait(false);
            return hindrance.Length > 0 ? (null, hindrance)
                : await SeeWaitAsync(looking, end, cancellationToken).ConfigureAwait(false) is { } position
                ? (position, "")
                : (null, "no commit was seen to wait for them");
        }
        catch (Exception error) when (LocalConnections.IsFailure(error))
        {
            throw new PostgresInstanceException($"PostgreSQL could not be asked about its synchronous standbys: {error.Message}", error);
        }
    }

    /// <summary>A session that has just begun has what the postmaster has.</summary>
    private static async Task<string> LoadedAsync(NpgsqlConnection looking, string names, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(Loaded, looking);
        await using var commandEnd = command.ConfigureAwait(false);
        var rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var rowsEnd = rows.ConfigureAwait(false);
        await rows.ReadAsync(cancellationToken).ConfigureAwait(false);
        return rows.GetBoolean(1) ? "it is a standby"
            : rows.GetString(0) != names ? $"PostgreSQL has loaded '{rows.GetString(0)}' and not '{names}'"
            : "";
    }

    /// <summary>Waits until no walsender releases commits by an older list.</summary>
    private async Task<string> WalsendersAsync(
        NpgsqlConnection looking, string names, ImmutableArray<string> earlier, TimeSpan end, CancellationToken cancellationToken)
    {
        HashSet<int>? there = null;
        while (true)
        {
            var walsenders = await ReadWalsendersAsync(looking, cancellationToken).ConfigureAwait(false);

            // One that comes later has the list from the postmaster.
            there ??= [.. walsenders.Select(walsender => walsender.Pid)];
            walsenders.RemoveAll(walsender => !there.Contains(walsender.Pid));
            walsenders.RemoveAll(walsender => !walsender.MayGoByLess(names, earlier));
            foreach (var unclear in walsenders.Where(walsender => walsender.MayHaveLoaded(names)))
            {
                // What it shows will never tell. Its standby connects again at once, to one that has the list.
                await SignalAsync("pg_terminate_backend", looking, unclear.Pid, cancellationToken).ConfigureAwait(false);
            }

            if (walsenders is [] || clock.Now() >= end)
            {
                return walsenders is [var old, ..] ? $"the walsender of {old.Name} (process {old.Pid}) has not loaded the list" : "";
            }

            await Task.Delay(Poll, clock, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<List<WalsenderPlace>> ReadWalsendersAsync(NpgsqlConnection looking, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(Walsenders, looking);
        await using var commandEnd = command.ConfigureAwait(false);
        var rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var rowsEnd = rows.ConfigureAwait(false);
        var found = new List<WalsenderPlace>();
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            found.Add(new WalsenderPlace(rows.GetInt32(0), rows.GetString(1), rows.GetInt32(2), rows.GetBoolean(3)));
        }

        return found;
    }

    private async Task<Lsn?> SeeWaitAsync(NpgsqlConnection looking, TimeSpan end, CancellationToken cancellationToken)
    {
        for (var pause = Poll; clock.Now() < end; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            if (await SeeOnceAsync(looking, cancellationToken).ConfigureAwait(false) is { } position)
            {
                return position;
            }

            await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(false);
        }

        return null;
    }

    /// <summary>Begins a commit and looks whether it waits: then the checkpointer has told every backend that commits wait.</summary>
    private async Task<Lsn?> SeeOnceAsync(NpgsqlConnection looking, CancellationToken cancellationToken)
    {
        var committing = await connections.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var committingEnd = committing.ConfigureAwait(false);
        var commit = new NpgsqlCommand(Commit, committing);
        await using var commitEnd = commit.ConfigureAwait(false);

        var seeing = SeenAsync(looking, committing.ProcessID, cancellationToken);
        var committed = commit.ExecuteNonQueryAsync(cancellationToken);
        var position = await seeing.ConfigureAwait(false);
        if (!committed.IsCompleted)
        {
            // It has done its part. What it committed is on this disk, and nobody was told that it is anywhere else.
            await SignalAsync("pg_cancel_backend", looking, committing.ProcessID, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            await committed.WaitAsync(CancelLimit, clock, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.QueryCanceled)
        {
            // It had not come to its wait yet.
        }

        return position;
    }

    private static async Task<Lsn?> SeenAsync(NpgsqlConnection looking, int pid, CancellationToken cancellationToken)
    {
        var look = new NpgsqlCommand(Seen, looking) { Parameters = { new() { Value = pid } } };
        await using var lookEnd = look.ConfigureAwait(false);
        if (await look.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is null)
        {
            return null;
        }

        var read = new NpgsqlCommand("select pg_current_wal_insert_lsn()::text", looking);
        await using var readEnd = read.ConfigureAwait(false);
        return Lsn.TryParse((string)(await read.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!, out var position) ? position : null;
    }

    private static async Task SignalAsync(string function, NpgsqlConnection looking, int pid, CancellationToken cancellationToken)
    {
        var signal = new NpgsqlCommand($"select {function}($1)", looking) { Parameters = { new() { Value = pid } } };
        await using var signalEnd = signal.ConfigureAwait(false);
        await signal.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    }
}
