using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Stolon.Hosting.DependencyInjection;

/// <summary>
/// Runs the roles of one cluster as one hosted service, so that they stop in the right order whatever the order of their registration:
/// proxies cut their clients off, sentinels hand leadership on, keepers stop PostgreSQL.
/// </summary>
/// <param name="clusterName">The cluster.</param>
/// <param name="createRoles">Makes the roles, in their starting order.</param>
/// <param name="stopTimeout">How long stopping may take in all.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where to say that a role ended.</param>
internal sealed partial class ClusterHost(
    string clusterName,
    Func<ImmutableArray<(RoleKind Kind, IHostedService Service)>> createRoles,
    TimeSpan stopTimeout,
    TimeProvider time,
    ILogger<ClusterHost> logger) : BackgroundService, IAsyncDisposable
{
    /// <summary>What of the time to stop proxies and sentinels may take each: the keepers need the rest.</summary>
    private const int ShareOfTheQuick = 4;

    private ImmutableArray<(RoleKind Kind, IHostedService Service)> roles = [];
    private bool isDisposed;

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        roles = createRoles();
        try
        {
            // All at once: a keeper that has a PostgreSQL of an earlier life to stop keeps nobody waiting.
            await Task.WhenAll(roles.Select(role => role.Service.StartAsync(cancellationToken))).ConfigureAwait(false);
        }
        catch
        {
            // A host that fails to start does not stop what it started: nothing may run on unattended.
            await StopRolesAsync(cancellationToken).ConfigureAwait(false);
            throw;
        }

        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(stopTimeout, time);
        using var all = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        await LeaveAsync(all.Token).ConfigureAwait(false);
        await StopRolesAsync(all.Token).ConfigureAwait(false);
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (isDisposed)
        {
            return;
        }

        isDisposed = true;
        foreach (var (_, service) in roles)
        {
            switch (service)
            {
                case IAsyncDisposable disposable:
                    await disposable.DisposeAsync().ConfigureAwait(false);
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
            }
        }

        Dispose();
    }

    /// <summary>A role that fails for good fails the host: a keeper without its data directory must not look alive.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var running = roles.Select(role => (role.Service as BackgroundService)?.ExecuteTask).OfType<Task>();
        try
        {
            await foreach (var ended in Task.WhenEach(running).WithCancellation(stoppingToken).ConfigureAwait(false))
            {
                await ended.ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped; a role that did not stop in time was named, and is not waited for any longer.
        }
    }

    /// <summary>While every role still runs: it may be our sentinel that gives our primary to another host.</summary>
    private async Task LeaveAsync(CancellationToken cancellationToken)
    {
        var leaving = roles.Select(role => role.Service).OfType<ILeavingRole>().ToList();
        try
        {
            // All say so before one asks: none of them is to be chosen.
            await Task.WhenAll(leaving.Select(role => role.AnnounceLeaveAsync(cancellationToken))).ConfigureAwait(false);

            // Whatever hangs, the stop goes on.
            await Task.WhenAll(leaving.Select(role => role.LeaveAsync(stopTimeout / 2, cancellationToken)))
                .WaitAsync(stopTimeout / 2, time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The time of the host is over.
        }
#pragma warning disable CA1031 // Whatever fails here, PostgreSQL must be stopped.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogNotLeft(logger, exception, clusterName);
        }
    }

    private async Task StopRolesAsync(CancellationToken cancellationToken)
    {
        foreach (var kind in Enum.GetValues<RoleKind>())
        {
            using var share = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            using var quick = new CancellationTokenSource(stopTimeout / ShareOfTheQuick, time);
            await using var link = quick.Token.Register(kind == RoleKind.Keeper ? () => { } : share.Cancel).ConfigureAwait(false);
            await Task.WhenAll(roles.Where(role => role.Kind == kind).Select(role => StopRoleAsync(role, share.Token)))
                .ConfigureAwait(false);
        }
    }

    private async Task StopRoleAsync((RoleKind Kind, IHostedService Service) role, CancellationToken cancellationToken)
    {
        try
        {
            await role.Service.StopAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            RoleStoppedLate(logger, role.Kind, clusterName);
        }
#pragma warning disable CA1031 // One role that fails to stop must not keep the others from stopping.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            RoleFailedToStop(logger, exception, role.Kind, clusterName);
        }
    }

    [LoggerMessage(6001, LogLevel.Warning, "A {Role} of {Cluster} did not stop in time.")]
    private static partial void RoleStoppedLate(ILogger logger, RoleKind role, string cluster);

    [LoggerMessage(6003, LogLevel.Error, "The primary of {Cluster} could not be handed on; it is stopped.")]
    private static partial void LogNotLeft(ILogger logger, Exception exception, string cluster);

    [LoggerMessage(6002, LogLevel.Error, "A {Role} of {Cluster} failed to stop.")]
    private static partial void RoleFailedToStop(ILogger logger, Exception exception, RoleKind role, string cluster);
}
