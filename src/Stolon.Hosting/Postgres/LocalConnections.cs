using System.Collections.Concurrent;
using System.Net.Sockets;
using Npgsql;
using Npgsql.Replication;
using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>
/// The connections of the keeper to its own instance, through the socket. One is always open: it was there before clients could take
/// every place, so that an exhausted max_connections never looks like a dead instance (superuser_reserved_connections keeps a place
/// for when it has to be opened again).
/// </summary>
internal sealed class LocalConnections(string socketFolder, int port, PostgresCredentials superuser, PostgresCredentials replication)
    : IAsyncDisposable
{
    // A lock held by a client, or a frozen postmaster, must not hold us up; what we do is not worth a line in the log.
    private const string SessionOptions =
        "-c statement_timeout=5s -c lock_timeout=2s -c log_statement=none -c log_min_duration_statement=-1 -c log_duration=off "
        + "-c log_transaction_sample_rate=0 -c log_min_duration_sample=-1 -c search_path=pg_catalog -c synchronous_commit=local";

    private const int LimitSeconds = 8;

    private readonly SemaphoreSlim gate = new(1);
    private readonly ConcurrentDictionary<string, NpgsqlDataSource> sessions = new(StringComparer.Ordinal);
    private NpgsqlConnection? main;
    private PhysicalReplicationConnection? walsender;

    /// <summary>Asks something over the always-open connection, which is opened first when it is not.</summary>
    /// <exception cref="PostgresInstanceException">It could not be asked.</exception>
    public Task<T> AskAsync<T>(Func<NpgsqlConnection, Task<T>> question, CancellationToken cancellationToken) =>
        GuardedAsync(
            async () =>
            {
                if (main is not { FullState: System.Data.ConnectionState.Open })
                {
                    await CloseMainAsync().ConfigureAwait(false);
                    main = await OpenAsync(cancellationToken).ConfigureAwait(false);
                }

                return await question(main).ConfigureAwait(false);
            },
            CloseMainAsync,
            cancellationToken);

    /// <summary>What a standby says to IDENTIFY_SYSTEM: the only place where its timeline is right at any time.</summary>
    /// <exception cref="PostgresInstanceException">It could not be asked.</exception>
    public Task<ReplicationSystemIdentification> IdentifyAsync(CancellationToken cancellationToken) =>
        GuardedAsync(
            async () =>
            {
                walsender ??= await replication.LogInAsync(password => OpenWalsenderAsync(password, cancellationToken)).ConfigureAwait(false);
                return await walsender.IdentifySystem(cancellationToken).ConfigureAwait(false);
            },
            CloseWalsenderAsync,
            cancellationToken);

    /// <summary>A session of its own, which has loaded what the postmaster has.</summary>
    public Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) =>
        superuser.LogInAsync(password => OpenAsync(password, cancellationToken));

    /// <summary>Closes all of them: the instance is ending, or another one begins.</summary>
    public async Task CloseAsync()
    {
        await gate.WaitAsync().ConfigureAwait(false);
        try
        {
            await CloseMainAsync().ConfigureAwait(false);
            await CloseWalsenderAsync().ConfigureAwait(false);
        }
        finally
        {
            gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        foreach (var source in sessions.Values)
        {
            await source.DisposeAsync().ConfigureAwait(false);
        }

        gate.Dispose();
    }

    /// <summary>Whether an exception is what talking to PostgreSQL throws.</summary>
    public static bool IsFailure(Exception error) =>
        error is NpgsqlException or SocketException or IOException or TimeoutException or InvalidOperationException;

    /// <summary>Not yet accepting, or its socket is not there yet. Anything else, such as a wrong password, will not get better.</summary>
    public static bool IsStarting(PostgresInstanceException error) =>
        error.InnerException is not PostgresException { SqlState: not PostgresErrorCodes.CannotConnectNow };

    private async Task<T> GuardedAsync<T>(Func<Task<T>> ask, Func<Task> close, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (PostgresException error) when (error.InvariantSeverity == "ERROR")
        {
            // The statement failed; the connection is as good as before.
            throw new PostgresInstanceException($"PostgreSQL refused: {error.MessageText}", error);
        }
        catch (Exception error) when (IsFailure(error) || error is OperationCanceledException)
        {
            await close().ConfigureAwait(false);
            throw error is OperationCanceledException
                ? error
                : new PostgresInstanceException($"PostgreSQL could not be asked: {error.Message}", error);
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(string? password, CancellationToken cancellationToken)
    {
        foreach (var forgotten in sessions.Keys.Except(superuser.Passwords.Known.Append(""), StringComparer.Ordinal))
        {
            sessions.TryRemove(forgotten, out _);
        }

        var source = sessions.GetOrAdd(password ?? "", _ => Source(Text(socketFolder, port, superuser, password, "postgres", SessionOptions)));
        return await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<PhysicalReplicationConnection> OpenWalsenderAsync(string? password, CancellationToken cancellationToken)
    {
        var connection = new PhysicalReplicationConnection(Text(socketFolder, port, replication, password, "", options: null));
        try
        {
            await connection.Open(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Without loading types: that would read tables which a client may have locked.</summary>
    private static NpgsqlDataSource Source(string text) =>
        new NpgsqlSlimDataSourceBuilder(text).ConfigureTypeLoading(types => types.EnableTypeLoading(false)).Build();

    private static string Text(string socketFolder, int port, PostgresCredentials user, string? password, string database, string? options)
    {
        var text = new NpgsqlConnectionStringBuilder
        {
            Host = socketFolder,
            Port = port,
            Username = user.UserName,
            Password = Prepared(user, password),
            ApplicationName = "stolon keeper",
            Pooling = false,
            Enlist = false,
            SslMode = SslMode.Disable,
            GssEncryptionMode = GssEncryptionMode.Disable,
            Timeout = LimitSeconds,
            CommandTimeout = LimitSeconds,
            CancellationTimeout = 500,
        };
        if (database.Length > 0)
        {
            text.Database = database;
        }

        if (options is not null)
        {
            text.Options = options;
        }

        return text.ConnectionString;
    }

    /// <summary>As PostgreSQL has it: the driver leaves this step of SCRAM out, or does a part of it.</summary>
    private static string? Prepared(PostgresCredentials user, string? password) =>
        user.AuthMethod == AuthMethods.Scram && password is not null ? SaslPrep.TryPrepare(password) ?? password : password;

    private async Task CloseMainAsync()
    {
        if (Interlocked.Exchange(ref main, null) is { } open)
        {
            await open.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task CloseWalsenderAsync()
    {
        if (Interlocked.Exchange(ref walsender, null) is { } open)
        {
            await open.DisposeAsync().ConfigureAwait(false);
        }
    }
}
