using System.Globalization;
using Npgsql;

namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>What its clients see.</summary>
internal sealed partial class StolonCluster
{
    /// <summary>A new connection through the proxy.</summary>
    public Task<NpgsqlConnection> ConnectAsync() => OpenAsync("127.0.0.1", ProxyPort, "postgres", LogInWith);

    /// <summary>A new connection to a keeper's PostgreSQL itself.</summary>
    public Task<NpgsqlConnection> ConnectToAsync(int keeper, string user = "postgres", string? password = null) =>
        OpenAsync(AddressOf(keeper), places[keeper].Port, user, password ?? LogInWith);

    /// <summary>Runs a statement through the proxy.</summary>
    public async Task<string> AskAsync(string statement)
    {
        await using var connection = await ConnectAsync();
        return await AskAsync(connection, statement);
    }

    /// <summary>Runs a statement at a keeper's PostgreSQL itself.</summary>
    public async Task<string> AskKeeperAsync(int keeper, string statement)
    {
        await using var connection = await ConnectToAsync(keeper);
        return await AskAsync(connection, statement);
    }

    /// <summary>Waits until a keeper's PostgreSQL answers so.</summary>
    public Task AnswersAsync(int keeper, string statement, string answer) =>
        UntilAsync(async () => await AskKeeperAsync(keeper, statement) == answer, $"{statement} says {answer} on keeper{keeper}");

    /// <summary>Waits until the proxy takes writes.</summary>
    public Task WritableAsync() => UntilAsync(
        async () => await AskAsync("create table if not exists alive (n int); insert into alive values (1); select 'yes'") == "yes", "writes through the proxy");

    /// <summary>Waits until so many standbys stream from the primary.</summary>
    public Task StandbysFollowAsync(int count) => UntilAsync(
        async () => await AskAsync("select count(*) from pg_stat_replication where state = 'streaming' and application_name like 'stolon\\_%'") == $"{count}",
        $"{count} standbys stream");

    private static async Task<NpgsqlConnection> OpenAsync(string host, int port, string user, string password)
    {
        var connection = new NpgsqlConnection(
            $"Host={host};Port={port};Username={user};Password={password};Database=postgres;Pooling=false;Timeout=5;Command Timeout=20;"
            + "SSL Mode=Disable;GSS Encryption Mode=Disable");
        try
        {
            await connection.OpenAsync();
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a statement on an open connection; the answer is the last value.</summary>
    public static async Task<string> AskAsync(NpgsqlConnection connection, string statement)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        var rows = await command.ExecuteReaderAsync();
        await using var end = rows;
        var last = "";
        do
        {
            while (await rows.ReadAsync())
            {
                last = Convert.ToString(rows.GetValue(0), CultureInfo.InvariantCulture) ?? "";
            }
        }
        while (await rows.NextResultAsync());

        return last;
    }
}
