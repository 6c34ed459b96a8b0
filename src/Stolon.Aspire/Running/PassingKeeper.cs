using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Stolon.Aspire.Topology;
using Stolon.Cluster;
using Stolon.Hosting;
using Stolon.Storage;

namespace Stolon.Aspire.Running;

/// <summary>
/// The orchestrator makes a new container of one that was stopped and is started again. Without a volume the data went with the old one, and a keeper that
/// misses its data touches nothing: the cluster forgets it first, so that it is copied anew.
/// </summary>
/// <param name="keeper">The keeper.</param>
internal sealed partial class PassingKeeper(IStolonMember keeper)
{
    /// <summary>A primary that was killed is followed by another within this time, if there is another.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Rhythm = TimeSpan.FromSeconds(1);

    private readonly KeeperId uid = new(MemberNames.KeeperUid(keeper.Ordinal));
    private bool wasStarted;

    private bool DataLasts => keeper.Annotations.OfType<ContainerMountAnnotation>().Any(mount => mount.Target == ContainerLayout.KeeperData);

    /// <summary>It is about to be started, for the first time or again.</summary>
    /// <param name="starting">The event.</param>
    /// <param name="cancellationToken">The AppHost ends.</param>
    /// <returns>When it may be started.</returns>
    public async Task StartingAsync(BeforeResourceStartedEvent starting, CancellationToken cancellationToken)
    {
        if (!wasStarted || DataLasts)
        {
            wasStarted = true;
            return;
        }

        var logger = starting.Services.GetRequiredService<ResourceLoggerService>().GetLogger(keeper);
        var time = starting.Services.GetService<TimeProvider>() ?? TimeProvider.System;
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        using var timer = new PeriodicTimer(Rhythm, time);
        try
        {
            while (!await ForgetAsync(either.Token).ConfigureAwait(false))
            {
                await timer.WaitForNextTickAsync(either.Token).ConfigureAwait(false);
            }

            LogForgotten(logger, uid.Value);
        }
        catch (Exception exception) when (exception is StolonException or StoreUnavailableException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            LogNotForgotten(logger, uid.Value, exception is OperationCanceledException ? "it holds the primary, or the store does not answer" : exception.Message);
        }
    }

    private async Task<bool> ForgetAsync(CancellationToken cancellationToken)
    {
        var administration = await keeper.Cluster.Access.OpenAsync(cancellationToken).ConfigureAwait(false);
        var overview = await administration.GetStatusAsync(cancellationToken).ConfigureAwait(false);
        if (overview.Keepers.FirstOrDefault(one => one.Uid == uid) is not { } known)
        {
            return true;
        }

        if (known.IsPrimary)
        {
            return false;
        }

        await administration.RemoveKeeperAsync(uid, cancellationToken).ConfigureAwait(false);
        return true;
    }

    [LoggerMessage(9005, LogLevel.Information, "The data of {Keeper} went with its container: it is copied anew. WithDataVolume() would keep it.")]
    private static partial void LogForgotten(ILogger logger, string keeper);

    [LoggerMessage(9006, LogLevel.Warning, "The data of {Keeper} went with its container, and it cannot be copied anew ({Problem}). WithDataVolume() would keep it.")]
    private static partial void LogNotForgotten(ILogger logger, string keeper, string problem);
}
