using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Convergence;
using Stolon.Hosting.Postgres;
using Stolon.Storage;

namespace Stolon.Hosting.Keeper;

/// <summary>Reads the document, and takes one step after another until the instance is as it asks (10.3).</summary>
internal sealed class ConvergeLoop(
    DocumentReader document, LocalFacts facts, InstanceObserver observer, ActionRunner runner, KeeperDirectory directory, DesiredFactory desired,
    SettingsAnswers answers, KeeperMemory memory, TimeProvider time, ILogger logger)
{
    /// <summary>More steps than any path through the table has: a wrong table cannot spin.</summary>
    private const int MostSteps = 16;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);

    /// <summary>More than any store takes for one call.</summary>
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(30);

    /// <summary>More than any step takes, but those that go on for as long as they are wanted, and a promotion, which has its own limit.</summary>
    private static readonly TimeSpan StepLimit = TimeSpan.FromMinutes(2);

    /// <summary>An instance that ends right after its start, again and again, rings the bell of the next pass each time: from this many on one waits.</summary>
    private const int QuickStarts = 3;

    private readonly OnceLog said = new();
    private TimeSpan pauseAfterFailure = FirstPause;

    /// <summary>Passes until cancelled.</summary>
    /// <param name="cancellationToken">Ends the loop between two steps, or in one that can be given up.</param>
    /// <returns>When ended.</returns>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            memory.Pulses.Converge.Beat(memory.SleepInterval + CallLimit);
            if (await RunGuardedPassAsync(cancellationToken).ConfigureAwait(false) && memory.FailedStarts < QuickStarts)
            {
                pauseAfterFailure = FirstPause;
                await memory.PassAgain.WaitAsync(memory.SleepInterval, time, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                // A step that fails at once must not be tried as fast as its failure rings the other bell. Never longer than sleepInterval:
                // a primary fences itself when the document is not read.
                var pause = pauseAfterFailure < memory.SleepInterval ? pauseAfterFailure : memory.SleepInterval;
                await memory.DocumentChanged.WaitAsync(pause, time, cancellationToken).ConfigureAwait(false);
                pauseAfterFailure = pause * 2;
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

            memory.Trouble = exception is PostgresInstanceException { Summary: var summary } ? summary : exception.Message;
            memory.Metrics.OnFailedPass();
            return false;
        }
    }

    private async Task<bool> RunPassAsync(CancellationToken cancellationToken)
    {
        if (await document.ReadAsync(cancellationToken).ConfigureAwait(false) is not { } stored)
        {
            return true;
        }

        using var pass = new Pass(stored, cancellationToken);
        try
        {
            await TakeStepsAsync(pass, cancellationToken).ConfigureAwait(false);
            if (memory.Questions.Open.Length > 0)
            {
                // Here, because no step may write the configuration at the same time.
                pass.Watch(() => ReadOnAsync(pass, desired.From(pass.Stored.Data)));
                await answers.AnswerAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await pass.EndAsync().ConfigureAwait(false);
        }

        return true;
    }

    private async Task TakeStepsAsync(Pass pass, CancellationToken cancellationToken)
    {
        KeeperAction? earlier = null;
        for (var step = 0; step < MostSteps && !pass.GivenUp.IsCancellationRequested; step++)
        {
            RememberRevision(pass.Stored.Data);
            var want = desired.From(pass.Stored.Data);
            if (facts.Now() is not { } have)
            {
                return;
            }

            var action = Decide.Next(want, have, desired.SuperuserCanLogIn);
            if (Ends(action) || action == earlier)
            {
                return;
            }

            if (NeedsCurrentDocument(action))
            {
                var again = await document.ReadAsync(cancellationToken).ConfigureAwait(false);
                if (again is null || again.Version != pass.Stored.Version)
                {
                    // Q41: somebody decided something since; think again with what they decided.
                    memory.PassAgain.Ring();
                    return;
                }
            }

            memory.Pulses.Converge.Beat(StepLimit + new ClusterSettings(pass.Stored.Data.Cluster.Spec).DbWaitReadyTimeout);
            pass.IsLong = IsLong(action);
            pass.Watch(() => ReadOnAsync(pass, want));
            await runner.RunAsync(action, want, CanBeGivenUp(action) ? pass.GivenUp : cancellationToken).ConfigureAwait(false);
            pass.IsLong = false;
            memory.Pulses.Converge.Beat(memory.SleepInterval + CallLimit);
            await observer.LookAsync(cancellationToken).ConfigureAwait(false);
            earlier = action;
        }
    }

    /// <summary>
    /// The document is read on while steps are taken, however long they last: a primary that does not read fences itself (S4), and a
    /// step that nobody wants any more is given up.
    /// </summary>
    private async Task ReadOnAsync(Pass pass, Desired want)
    {
        while (!pass.Ended.IsCancellationRequested)
        {
            await memory.DocumentChanged.WaitAsync(memory.SleepInterval, time, pass.Ended).ConfigureAwait(false);
            if (pass.IsLong)
            {
                memory.Pulses.Converge.Beat(memory.SleepInterval + StepLimit);
            }

            try
            {
                if (!pass.Ended.IsCancellationRequested
                    && await document.ReadAsync(pass.Ended).ConfigureAwait(false) is { } now && now.Version != pass.Stored.Version
                    && !pass.GivenUp.IsCancellationRequested && !want.IsStillAskedBy(desired.From(now.Data)))
                {
                    logger.Waiting(memory.Name, $"the document (version {now.Version.Token} now) no longer asks for what is being done");
                    await pass.GiveUpAsync().ConfigureAwait(false);
                    memory.PassAgain.Ring();
                }
            }
            catch (Exception exception) when (exception is StoreUnavailableException or OperationCanceledException)
            {
                // What was asked for last still is.
            }
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
                memory.NeedsResync = null;
                if (rest.Why.Length == 0)
                {
                    memory.Metrics.OnSync();
                }

                if (said.IsNew(rest.Why) && rest.Why.Length > 0)
                {
                    logger.Waiting(memory.Name, rest.Why);
                }

                return true;
            case KeeperAction.Refuse refuse:
                memory.Trouble = refuse.Why;
                memory.NeedsResync = refuse.NeedsResync ? directory.DbState.Uid : null;
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
        action is KeeperAction.Promote or KeeperAction.StandDown or KeeperAction.Start { AsPrimary: true } or KeeperAction.Restart { AsPrimary: true }
            or KeeperAction.Reload { OpensToClients: true } || CopiesData(action);

    private static bool CopiesData(KeeperAction action) =>
        action is KeeperAction.Create or KeeperAction.Restore or KeeperAction.Resync or KeeperAction.TakeOver;

    private static bool IsLong(KeeperAction action) => action is KeeperAction.PrepareSwitchover || CopiesData(action);

    /// <summary>A stop goes on to its end, and a start is short: PostgreSQL answers, or not, only later.</summary>
    private static bool CanBeGivenUp(KeeperAction action) =>
        action is KeeperAction.Promote or KeeperAction.Reload || IsLong(action);

    /// <summary>The steps that are taken on the word of one document, while it is being read on.</summary>
    private sealed class Pass(StoredClusterData stored, CancellationToken cancellationToken) : IDisposable
    {
        private readonly CancellationTokenSource givenUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        private readonly CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        private Task? watching;

        public StoredClusterData Stored => stored;

        /// <summary>The step under way copies data, for hours maybe, or writes a large checkpoint.</summary>
        public bool IsLong { get; set; }

        /// <summary>A later document asks for something else, or the host ends.</summary>
        public CancellationToken GivenUp => givenUp.Token;

        public CancellationToken Ended => ended.Token;

        public void Watch(Func<Task> watch) => watching ??= watch();

        public Task GiveUpAsync() => givenUp.CancelAsync();

        public async Task EndAsync()
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await (watching ?? Task.CompletedTask).ConfigureAwait(false);
        }

        public void Dispose()
        {
            givenUp.Dispose();
            ended.Dispose();
        }
    }
}
