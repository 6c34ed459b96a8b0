using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Npgsql;
using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>Makes the slots of an instance those that are wanted (K24). Slots without our prefix are never touched.</summary>
internal sealed class ReplicationSlots(LocalConnections connections, ILogger logger)
{
    private const string Existing =
        "select slot_name::text, slot_type, coalesce(active_pid, 0) from pg_replication_slots where not temporary order by 1";

    public Task<ImmutableArray<string>> SettleAsync(IReadOnlySet<string> wanted, CancellationToken cancellationToken) =>
        connections.AskAsync(main => SettleAsync(main, wanted, cancellationToken), cancellationToken);

    private async Task<ImmutableArray<string>> SettleAsync(
        NpgsqlConnection main, IReadOnlySet<string> wanted, CancellationToken cancellationToken)
    {
        var existing = await ReadAsync(main, cancellationToken).ConfigureAwait(false);
        var troubles = ImmutableArray.CreateBuilder<string>();
        foreach (var slot in existing.Where(slot => ObjectNames.IsOurs(slot.Name) && !wanted.Contains(slot.Name)))
        {
            if (await DropAsync(main, slot, cancellationToken).ConfigureAwait(false) is { } trouble)
            {
                troubles.Add(trouble);
            }
        }

        foreach (var slot in existing.Where(slot => !slot.Physical && wanted.Contains(slot.Name)))
        {
            troubles.Add($"Replication slot {slot.Name} is wanted as a physical slot, but a logical one has its name: drop that one.");
        }

        foreach (var name in wanted.Except(existing.Select(slot => slot.Name)).Order(StringComparer.Ordinal))
        {
            await RunAsync(main, "select pg_create_physical_replication_slot($1)", name, cancellationToken).ConfigureAwait(false);
            logger.SlotChanged(name, "created");
        }

        return troubles.ToImmutable();
    }

    private static async Task<List<(string Name, bool Physical, int User)>> ReadAsync(
        NpgsqlConnection main, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(Existing, main);
        await using var commandEnd = command.ConfigureAwait(false);
        var rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var rowsEnd = rows.ConfigureAwait(false);
        var slots = new List<(string, bool, int)>();
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            slots.Add((rows.GetString(0), rows.GetString(1) == "physical", rows.GetInt32(2)));
        }

        return slots;
    }

    private async Task<string?> DropAsync(
        NpgsqlConnection main, (string Name, bool Physical, int User) slot, CancellationToken cancellationToken)
    {
        if (slot.User != 0)
        {
            return $"Replication slot {slot.Name} is no longer wanted, but process {slot.User} uses it.";
        }

        try
        {
            await RunAsync(main, "select pg_drop_replication_slot($1)", slot.Name, cancellationToken).ConfigureAwait(false);
            logger.SlotChanged(slot.Name, "dropped");
            return null;
        }
        catch (PostgresException error)
        {
            return $"Replication slot {slot.Name} could not be dropped: {error.MessageText}.";
        }
    }

    private static async Task RunAsync(NpgsqlConnection main, string text, string slot, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(text, main) { Parameters = { new() { Value = slot, DataTypeName = "name" } } };
        await using var commandEnd = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
