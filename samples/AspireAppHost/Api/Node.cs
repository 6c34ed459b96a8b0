using Npgsql;

namespace AspireAppHost.Api;

/// <summary>Which instance answered.</summary>
/// <param name="Port">Its port.</param>
/// <param name="Role">What it is now.</param>
/// <param name="Timeline">How often the primary has changed, plus one.</param>
public sealed record Node(int Port, string Role, int Timeline)
{
    private const string Question = """
        select inet_server_port(),
               case when pg_is_in_recovery() then 'standby' else 'primary' end,
               case when pg_is_in_recovery() then coalesce((select received_tli from pg_stat_wal_receiver), 0)
                    else ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int end
        """;

    /// <summary>Asks.</summary>
    /// <param name="source">Whom.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Who answered.</returns>
    public static async Task<Node> AskAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(Question);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new Node(reader.GetInt32(0), reader.GetString(1), reader.GetInt32(2));
    }
}
