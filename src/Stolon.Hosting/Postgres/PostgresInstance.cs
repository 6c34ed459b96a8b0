using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>The hands on one PGDATA, on a real PostgreSQL.</summary>
internal sealed class PostgresInstance : IPostgresInstance
{
    private PostgresInstance(PostgresSettings settings) => Settings = settings;

    public PostgresSettings Settings { get; }

    /// <summary>Where its socket is: for <c>unix_socket_directories</c> (Q17).</summary>
    public string SocketDirectory => throw new NotSupportedException();

    public ServerVersion Version => throw new NotSupportedException();

    public ServerConfiguration? RunningWith => throw new NotSupportedException();

    public Task Exited => throw new NotSupportedException();

    /// <summary>
    /// Finds the binaries, checks the user and the folders, creates what is missing. Starts nothing. The data directory is locked already.
    /// </summary>
    /// <exception cref="PostgresInstanceException">Something is missing; the message names the remedy.</exception>
    public static Task<PostgresInstance> OpenAsync(
        PostgresSettings settings, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        _ = clock;
        _ = logger;
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(new PostgresInstance(settings));
    }

    public InstanceState Inspect() => throw new NotSupportedException();

    public Task<ControlData?> ReadControlDataAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task RepairAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ValueMap<string, string>> CreateAsync(
        NewConfig config, ValueMap<string, string> parameters, string clusterUid, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task CopyAsync(CopyRequest request, IProgress<CopyProgress> progress, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<(string SystemId, uint Timeline)> IdentifyAsync(
        ConnInfo server, string? password, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task StartAsync(ServerConfiguration configuration, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task WaitReadyAsync(TimeSpan limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task StopAsync(StopMode mode, TimeSpan limit, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task ApplyAsync(ServerConfiguration configuration, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task PromoteAsync(TimeSpan limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<CollectedState> CollectAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ImmutableArray<string>> SettleSlotsAsync(
        IReadOnlySet<string> wanted, CancellationToken cancellationToken) => throw new NotSupportedException();

    public void SetDeadline(TimeSpan? bootTime) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
