using Npgsql;

namespace QuickStart;

/// <summary>The application's own role and database, both called <c>app</c>: nobody should work as superuser.</summary>
/// <param name="folder">Where the passwords are.</param>
/// <param name="port">The proxy's port.</param>
/// <param name="time">The clock.</param>
internal sealed class AppDatabase(DataFolder folder, int port, TimeProvider time)
{
    /// <summary>The name of the role and of the database.</summary>
    public const string Name = "app";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>What quickstart.sh found; it may not be in the PATH.</summary>
    private static readonly string Psql = Environment.GetEnvironmentVariable("QUICKSTART_PSQL") is { Length: > 0 } found ? found : "psql";

    private readonly string password = folder.AppPassword();

    /// <summary>A command that works as it is.</summary>
    public string PsqlCommand => $"PGPASSWORD={password} {Psql} -h 127.0.0.1 -p {port} -U {Name} {Name}";

    /// <summary>What <see cref="EnsureAsync"/> does, or why it could not be reached last.</summary>
    public string Progress { get; private set; } = "connecting";

    /// <summary>A new connection of the application, through the proxy.</summary>
    /// <returns>The connection, not open.</returns>
    public NpgsqlConnection Connection() => Connection(Name, Name, password);

    /// <summary>Tries until the application can log in; makes its role and database if they are missing.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When it can.</returns>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (await CanLogInAsync(cancellationToken))
                {
                    return;
                }

                Progress = "making it";
                await CreateAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException or IOException or InvalidOperationException)
            {
                Progress = exception.Message;
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    /// <summary>Waits until every standby that streams has received what was committed before.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When so.</returns>
    public async Task ReplicatedAsync(CancellationToken cancellationToken)
    {
        await using var connection = await SuperuserAsync(cancellationToken);
        await using var command = new NpgsqlCommand(
            "select count(*) > 0 and bool_and(flush_lsn >= pg_current_wal_flush_lsn()) from pg_stat_replication where state = 'streaming'", connection);
        while (await command.ExecuteScalarAsync(cancellationToken) is not true)
        {
            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private async Task<bool> CanLogInAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = Connection();
            await connection.OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand("select 1", connection);
            await command.ExecuteScalarAsync(cancellationToken);
            return true;
        }
        catch (PostgresException refusal) when (refusal.SqlState is
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification or PostgresErrorCodes.InvalidCatalogName)
        {
            return false;
        }
    }

    private async Task CreateAsync(CancellationToken cancellationToken)
    {
        await using var connection = await SuperuserAsync(cancellationToken);

        // The server must not log a statement with a password in it.
        await ExecuteAsync("set log_statement = 'none'; set log_min_error_statement = 'panic'; set log_min_duration_statement = -1");
        var verb = await ExistsAsync("pg_roles where rolname") ? "alter" : "create";
        await ExecuteAsync($"{verb} role {Name} login password '{password}'");
        if (!await ExistsAsync("pg_database where datname"))
        {
            await ExecuteAsync($"create database {Name} owner {Name}");
        }

        async Task ExecuteAsync(string sql)
        {
#pragma warning disable CA2100 // Nothing in it comes from outside: a constant name, and a password of hex digits.
            await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        async Task<bool> ExistsAsync(string where)
        {
#pragma warning disable CA2100 // Constants.
            await using var command = new NpgsqlCommand($"select exists (select 1 from {where} = '{Name}')", connection);
#pragma warning restore CA2100
            return await command.ExecuteScalarAsync(cancellationToken) is true;
        }
    }

    private async Task<NpgsqlConnection> SuperuserAsync(CancellationToken cancellationToken)
    {
        var superuser = (await File.ReadAllTextAsync(folder.SuperuserPasswordFile, cancellationToken)).Trim();
        var connection = Connection("postgres", "postgres", superuser);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private NpgsqlConnection Connection(string user, string database, string secret) =>
        new(new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = port,
            Username = user,
            Database = database,
            Password = secret,
            ApplicationName = "quickstart",
            Pooling = false,
            SslMode = SslMode.Disable,
            GssEncryptionMode = GssEncryptionMode.Disable,
            Timeout = 3,
            CommandTimeout = 10,
            IncludeErrorDetail = false,
        }.ConnectionString);
}
