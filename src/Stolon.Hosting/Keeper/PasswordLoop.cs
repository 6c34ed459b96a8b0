using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Hosting.Postgres;

namespace Stolon.Hosting.Keeper;

/// <summary>
/// Keeps the passwords of the keeper up to date, and lets a standby stream while they change. The converging loop gives them to the roles of
/// a primary.
/// </summary>
internal sealed partial class PasswordLoop(
    KeeperSettings settings, KnownPasswords known, KeeperMemory memory, TimeProvider time, ILogger logger)
{
    private readonly OnceLog notKept = new();
    private readonly OnceLog notRefreshed = new();
    private readonly ImmutableArray<PasswordFeed> feeds =
    [
        .. new[] { (settings.Superuser, settings.SuperuserSource), (settings.Replication, settings.ReplicationSource) }
            .Where(one => one.Item2 is not null)
            .Select(one => new PasswordFeed(one.Item1, one.Item2!, memory.Name, time, logger)),
    ];

    /// <summary>Why they are not up to date, as sentences; empty when they are.</summary>
    public string Trouble => string.Join("; ", feeds.Select(feed => feed.Trouble).Where(trouble => trouble.Length > 0));

    /// <summary>Gets the first passwords, before anything of PostgreSQL is done.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When there are passwords.</returns>
    /// <exception cref="StolonException">A source gives none, and none is known from an earlier life.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await AskAsync(cancellationToken).ConfigureAwait(false);
        known.Recall(settings.Superuser, settings.Replication);
        if (feeds.Any(feed => feed.HasNone))
        {
            throw new StolonException($"{memory.Name} cannot start, and no password is known from an earlier start: {Trouble}.");
        }

        Keep();
    }

    /// <summary>Looks again and again until cancelled.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="observer">What is known of it.</param>
    /// <param name="desired">Whom it follows.</param>
    /// <param name="cancellationToken">Ends the loop.</param>
    /// <returns>When ended.</returns>
    public async Task RunAsync(IPostgresInstance instance, InstanceObserver observer, DesiredFactory desired, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            memory.Pulses.Passwords.Beat(memory.SleepInterval + (3 * PasswordFeed.Limit) + ReplicationPassFile.Limit);
            if (await AskAsync(cancellationToken).ConfigureAwait(false))
            {
                Keep();
                memory.PassAgain.Ring();
            }

            await RefreshPassFileAsync(instance, observer, desired, cancellationToken).ConfigureAwait(false);
            await Task.Delay(memory.SleepInterval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> AskAsync(CancellationToken cancellationToken)
    {
        var isNew = false;
        foreach (var feed in feeds)
        {
            isNew |= await feed.LookAsync(cancellationToken).ConfigureAwait(false);
        }

        return isNew;
    }

    private void Keep()
    {
        try
        {
            known.Keep(settings.Superuser, settings.Replication);
            notKept.IsNew("");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (notKept.IsNew(exception.Message))
            {
                LogNotKept(logger, memory.Name, exception.Message);
            }
        }
    }

    private async Task RefreshPassFileAsync(
        IPostgresInstance instance, InstanceObserver observer, DesiredFactory desired, CancellationToken cancellationToken)
    {
        if (memory is not { Document: { } document, Assigned: { } db } || observer.Latest is not { State: { Running: true, LocalRole: Role.Standby } } snapshot
            || desired.Followed(document, db) is not { } followed)
        {
            return;
        }

        try
        {
            var streams = snapshot.Collected is { WalReceiver: WalReceiverState.Streaming };
            if (await instance.RefreshPassFileAsync(followed, streams, cancellationToken).ConfigureAwait(false))
            {
                LogRefreshed(logger, memory.Name, followed.User, $"{followed.Host}:{followed.Port}");
            }

            notRefreshed.IsNew("");
        }
        catch (OperationCanceledException)
        {
            // The host ends.
        }
        catch (Exception exception) when (exception is PostgresInstanceException or IOException or UnauthorizedAccessException)
        {
            if (notRefreshed.IsNew(exception.Message))
            {
                LogNotRefreshed(logger, memory.Name, exception.Message);
            }
        }
    }

    [LoggerMessage(2074, LogLevel.Warning, "{Keeper}: its passwords could not be written down for the next start: {Failure}")]
    private static partial void LogNotKept(ILogger logger, string keeper, string failure);

    [LoggerMessage(2075, LogLevel.Information, "{Keeper}: standbys log in as {User} with the password that {Server} accepts now.")]
    private static partial void LogRefreshed(ILogger logger, string keeper, string user, string server);

    [LoggerMessage(2076, LogLevel.Warning, "{Keeper}: the password for streaming could not be tried: {Failure}")]
    private static partial void LogNotRefreshed(ILogger logger, string keeper, string failure);
}
