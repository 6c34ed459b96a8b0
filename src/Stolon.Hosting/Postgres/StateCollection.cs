using System.Collections.Immutable;
using Npgsql;
using NpgsqlTypes;
using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>Asks the running instance what the keeper reports (K9).</summary>
internal sealed class StateCollection(LocalConnections connections, SynchronousList list, DataFolder folder)
{
    private const string Facts = """
        select pg_is_in_recovery(),
               (select system_identifier::text from pg_control_system()),
               case when pg_is_in_recovery() then '0/0' else pg_current_wal_flush_lsn()::text end,
               case when pg_is_in_recovery() then '0' else substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) end,
               coalesce((select status from pg_stat_wal_receiver), ''),
               exists (select from pg_settings where pending_restart)
        """;

    public const string Configured = "select name, setting from pg_file_settings where name is not null and setting is not null order by seqno";

    private const string InSync =
        "select application_name from pg_stat_replication where sync_state = 'sync' and flush_lsn >= $1::text::pg_lsn order by 1";

    private const string Slots =
        "select slot_name::text from pg_replication_slots where slot_type = 'physical' and not temporary order by 1";

    private (string SystemId, uint Timeline, ValueList<TimelineSwitch> Switches) history = ("", 0, default);

    public async Task<CollectedState> CollectAsync(CancellationToken cancellationToken)
    {
        var state = await connections.AskAsync(main => AskAsync(main, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (state.Role == Role.Standby)
        {
            // A primary says it in SQL. A standby's timeline is that of what it replays, which no view shows without a walreceiver.
            var identity = await connections.IdentifyAsync(cancellationToken).ConfigureAwait(false);
            state = state with { TimelineId = identity.Timeline, XLogPos = new Lsn((ulong)identity.XLogPos) };
        }

        return state with { TimelinesHistory = History(state.SystemId, state.TimelineId), OlderWalFile = OldestWalFile() };
    }

    private async Task<CollectedState> AskAsync(NpgsqlConnection main, CancellationToken cancellationToken)
    {
        var barrier = list.Barrier;
        var reached = new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = barrier?.Position.ToString() ?? (object)DBNull.Value };
        var batch = new NpgsqlBatch(main)
        {
            BatchCommands = { new(Facts), new(Configured), new(InSync) { Parameters = { reached } }, new(Slots) },
        };
        await using var batchEnd = batch.ConfigureAwait(false);
        var rows = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var rowsEnd = rows.ConfigureAwait(false);
        await rows.ReadAsync(cancellationToken).ConfigureAwait(false);
        var standby = rows.GetBoolean(0);
        var state = new CollectedState
        {
            SystemId = rows.GetString(1),
            Role = standby ? Role.Standby : Role.Primary,
            XLogPos = Lsn.TryParse(rows.GetString(2), out var position) ? position : Lsn.Zero,
            TimelineId = Convert.ToUInt32(rows.GetString(3), 16),
            WalReceiver = !standby ? WalReceiverState.Unknown
                : rows.GetString(4) == "streaming" ? WalReceiverState.Streaming
                : WalReceiverState.Gone,
            PendingRestart = rows.GetBoolean(5),
        };

        await rows.NextResultAsync(cancellationToken).ConfigureAwait(false);
        var configured = new List<KeyValuePair<string, string>>();
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            configured.Add(KeyValuePair.Create(rows.GetString(0), rows.GetString(1)));
        }

        return state with
        {
            ConfiguredParameters = new(configured),
            Barrier = barrier,
            SynchronousNames = await NextNamesAsync(rows, cancellationToken).ConfigureAwait(false),
            PhysicalSlots = await NextNamesAsync(rows, cancellationToken).ConfigureAwait(false),
        };
    }

    private static async Task<ImmutableArray<string>> NextNamesAsync(NpgsqlDataReader rows, CancellationToken cancellationToken)
    {
        await rows.NextResultAsync(cancellationToken).ConfigureAwait(false);
        var names = ImmutableArray.CreateBuilder<string>();
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            names.Add(rows.GetString(0));
        }

        return names.ToImmutable();
    }

    /// <summary>The last switches of a timeline. What a history file says never changes, so it is read once.</summary>
    private ValueList<TimelineSwitch> History(string systemId, uint timeline)
    {
        if (timeline <= 1 || (history.SystemId == systemId && history.Timeline == timeline))
        {
            return timeline <= 1 ? [] : history.Switches;
        }

        var file = Path.Combine(folder.Pgdata, "pg_wal", $"{timeline:X8}.history");
        if (!File.Exists(file))
        {
            return [];
        }

        history = (systemId, timeline, TimelineHistoryFile.Parse(File.ReadAllText(file)));
        return history.Switches;
    }

    /// <summary>By position, whatever the timeline; empty when segments have another size than 16 MiB (P7).</summary>
    private string OldestWalFile()
    {
        var oldest = new DirectoryInfo(Path.Combine(folder.Pgdata, "pg_wal")).EnumerateFiles()
            .Where(file => WalFile.IsName(file.Name))
            .MinBy(file => file.Name[8..], StringComparer.Ordinal);
        try
        {
            return oldest?.Length == WalFile.SegmentBytes ? oldest.Name : "";
        }
        catch (FileNotFoundException)
        {
            return "";
        }
    }
}
