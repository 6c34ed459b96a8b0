using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Convergence;
using Stolon.Storage;

namespace Stolon.Hosting.Keeper;

/// <summary>Reads the document, and takes one step after another until the instance is as it asks (10.3).</summary>
internal sealed class ConvergeLoop(
    DocumentReader document, LocalFacts facts, InstanceObserver observer, ActionRunner runner, KeeperDirectory directory, DesiredFactory desired,
    KeeperMemory memory, TimeProvider time, ILogger logger)
{
    /// <summary>More steps than any path through the table has: a wrong table cannot spin.</summary>
    private const int MostSteps = 16;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);

    /// <summary>Between two attempts at a step that fails; when it is the store that is away, sleepInterval bounds the pause.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly OnceLog said = new();
    private TimeSpan pauseAfterFailure = FirstPause;
    private TimeSpan longestPause = LongestPause;

    /// <summary>Passes until cancelled.</summary>
    /// <param name="cancellationToken">Ends the loop between two steps, or in one that can be given up.</param>
    /// <returns>When ended.</returns>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (await RunGuardedPassAsync(cancellationToken).ConfigureAwait(false))
            {
                pauseAfterFailure = FirstPause;
                await memory.PassAgain.WaitAsync(memory.SleepInterval, time, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                // A step that fails at once must not be tried as fast as its failure rings the bell.
                await Task.Delay(pauseAfterFailure, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pauseAfterFailure = pauseAfterFailure * 2 < longestPause ? pauseAfterFailure * 2 : longestPause;
            }
        }
    }

    private async Task<bool> RunGuardedPassAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await RunPassAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The host stops, or the document no longer asks for what was being done.
            return true;
        }
#pragma warning disable CA1031 // A pass that fails is tried again, whatever failed: a keeper that gives up takes its PostgreSQL with it (S12).
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (said.IsNew(exception.Message))
            {
                logger.StepFailed(memory.Name, exception.Message);
            }

            memory.Trouble = exception.Message;
            longestPause = exception is StoreUnavailableException ? memory.SleepInterval : LongestPause;
            return false;
        }
    }

    private async Task<bool> RunPassAsync(CancellationToken cancellationToken)
    {
        if (await document.ReadAsync(cancellationToken).ConfigureAwait(false) is not { } stored)
        {
            return true;
        }

        KeeperAction? earlier = null;
        for (var step = 0; step < MostSteps && !cancellationToken.IsCancellationRequested; step++)
        {
            RememberRevision(stored.Data);
            var want = desired.From(stored.Data);
            var action = Decide.Next(want, facts.Now(), desired.SuperuserCanLogIn);
            if (Ends(action) || action == earlier)
            {
                return true;
            }

            if (NeedsCurrentDocument(action))
            {
                var again = await document.ReadAsync(cancellationToken).ConfigureAwait(false);
                if (again is null || again.Version != stored.Version)
                {
                    // Q41: somebody decided something since; think again with what they decided.
                    memory.PassAgain.Ring();
                    return true;
                }
            }

            await RunStepAsync(action, want, stored, cancellationToken).ConfigureAwait(false);
            await observer.LookAsync(cancellationToken).ConfigureAwait(false);
            earlier = action;
        }

        return true;
    }

    /// <summary>Long steps are given up when the document no longer asks for them.</summary>
    private async Task RunStepAsync(KeeperAction action, Desired want, StoredClusterData stored, CancellationToken cancellationToken)
    {
        if (action is not (KeeperAction.Create or KeeperAction.Resync or KeeperAction.TakeOver))
        {
            await runner.RunAsync(action, want, cancellationToken).ConfigureAwait(false);
            return;
        }

        using var wanted = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = runner.RunAsync(action, want, wanted.Token);
        while (await Task.WhenAny(running, memory.PassAgain.WaitAsync(memory.SleepInterval, time, wanted.Token)).ConfigureAwait(false) != running)
        {
            if (await StillWantedAsync(want, wanted.Token).ConfigureAwait(false))
            {
                continue;
            }

            logger.Waiting(memory.Name, $"the document (version {stored.Version.Token} when it began) no longer asks for this; it is given up");
            await wanted.CancelAsync().ConfigureAwait(false);
            break;
        }

        try
        {
            await running.ConfigureAwait(false);
        }
        finally
        {
            // The wait of this loop that may still be open must not take the bell that the next pass waits for.
            await wanted.CancelAsync().ConfigureAwait(false);
            memory.PassAgain.Ring();
        }
    }

    private async Task<bool> StillWantedAsync(Desired began, CancellationToken cancellationToken)
    {
        try
        {
            return await document.ReadAsync(cancellationToken).ConfigureAwait(false) is not { } now
                || (now.Data.DatabaseOf(memory.Self) is { } db && db.Uid == began.Db!.Uid
                    && db.Spec.Follow?.Db == began.Db.Spec.Follow?.Db
                    && desired.From(now.Data).Followed?.Status.ListenAddress == began.Followed?.Status.ListenAddress);
        }
        catch (StoreUnavailableException)
        {
            return true;
        }
    }

    private void RememberRevision(ClusterData data)
    {
        if (directory.KeeperState.ClusterUid == data.Cluster.Uid && directory.DbState.SeenRevision < data.Revision)
        {
            directory.Write(directory.DbState with { SeenRevision = data.Revision });
        }
    }

    private bool Ends(KeeperAction action)
    {
        switch (action)
        {
            case KeeperAction.Rest rest:
                memory.Trouble = "";
                if (said.IsNew(rest.Why) && rest.Why.Length > 0)
                {
                    logger.Waiting(memory.Name, rest.Why);
                }

                return true;
            case KeeperAction.Refuse refuse:
                memory.Trouble = refuse.Why;
                if (said.IsNew(refuse.Why))
                {
                    logger.Refusing(memory.Name, refuse.Why);
                    memory.PublishAgain.Ring();
                }

                return true;
            default:
                return false;
        }
    }

    private static bool NeedsCurrentDocument(KeeperAction action) =>
        action is KeeperAction.Promote or KeeperAction.Start { AsPrimary: true } or KeeperAction.Restart { AsPrimary: true }
            or KeeperAction.Reload { OpensToClients: true } or KeeperAction.Create or KeeperAction.Resync or KeeperAction.TakeOver;
}
