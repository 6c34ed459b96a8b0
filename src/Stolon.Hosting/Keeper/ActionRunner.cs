using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Convergence;
using Stolon.Hosting.Postgres;
using Stolon.Postgres;

namespace Stolon.Hosting.Keeper;

/// <summary>Does what <see cref="Decide"/> chose. It decides nothing itself.</summary>
internal sealed class ActionRunner(
    KeeperSettings settings, IPostgresInstance instance, KeeperDirectory directory, DataActions data, FenceLoop fence, RefusedSettings refused, KeeperMemory memory,
    ILogger logger)
{
    /// <summary>How long a clean stop may take before it becomes an immediate one.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    /// <summary>How long a fast stop may take when the instance must not serve any more.</summary>
    private static readonly TimeSpan FenceLimit = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan MistakesLimit = TimeSpan.FromSeconds(5);

    private readonly OnceLog slots = new();
    private readonly OnceLog leftOut = new();

    /// <summary>The step that failed last: tried again, it is not announced again.</summary>
    private KeeperAction? failed;

    /// <summary>Takes one step.</summary>
    /// <param name="action">The step; not <see cref="KeeperAction.Rest"/> or <see cref="KeeperAction.Refuse"/>.</param>
    /// <param name="want">What the document asks for.</param>
    /// <param name="cancellationToken">Gives up; the next pass looks where things stand.</param>
    /// <returns>When done.</returns>
    /// <exception cref="PostgresInstanceException">It could not be done.</exception>
    public async Task RunAsync(KeeperAction action, Desired want, CancellationToken cancellationToken)
    {
        if (action != failed)
        {
            logger.Acting(memory.Name, action);
        }

        failed = action;
        using var step = memory.BeginStep(memory.Metrics.Steps.NameOf(action));
        try
        {
            await TakeAsync(action, want, cancellationToken).ConfigureAwait(false);
            failed = null;
        }
        catch (Exception exception)
        {
            step?.SetStatus(ActivityStatusCode.Error, exception is PostgresInstanceException { Summary: var summary } ? summary : exception.Message);
            throw;
        }
    }

    private Task TakeAsync(KeeperAction action, Desired want, CancellationToken cancellationToken) =>
        action switch
        {
            KeeperAction.AdoptCluster adopt => AdoptAsync(adopt.ClusterUid),
            KeeperAction.Stop => instance.StopAsync(StopMode.Fast, StopLimit, cancellationToken),
            KeeperAction.Fence => instance.StopAsync(StopMode.Fast, FenceLimit, cancellationToken),
            KeeperAction.Create create => data.CreateAsync(create, want, cancellationToken),
            KeeperAction.TakeOver takeOver => data.TakeOverAsync(takeOver, want, cancellationToken),
            KeeperAction.Restore restore => data.RestoreAsync(restore, want, cancellationToken),
            KeeperAction.Resync resync => data.ResyncAsync(resync.Plan, want, cancellationToken),
            KeeperAction.Start start => StartAsync(start.Configuration, start.AsPrimary, want, cancellationToken),
            KeeperAction.Restart restart => RestartAsync(restart, want, cancellationToken),
            KeeperAction.Reload reload => ReloadAsync(reload.Configuration, want, cancellationToken),
            KeeperAction.RecordPrimaryTimeline record => RecordAsync(record.Timeline),
            KeeperAction.Promote => PromoteAsync(want, cancellationToken),
            KeeperAction.SettleSlots slots => SettleSlotsAsync(slots.Wanted, cancellationToken),
            KeeperAction.SettlePasswords => SettlePasswordsAsync(cancellationToken),
            KeeperAction.PrepareSwitchover prepare => PrepareAsync(prepare, cancellationToken),
            KeeperAction.StandDown standDown => StandDownAsync(standDown, cancellationToken),
            KeeperAction.AnswerSwitchover answer => AnswerAsync(answer.Answer),
            KeeperAction.RecordConverged converged => RecordConvergedAsync(converged.Generation),
            _ => throw new PostgresInstanceException($"this version cannot carry out {action.GetType().Name}"),
        };

    private async Task StartAsync(ServerConfiguration configuration, bool asPrimary, Desired want, CancellationToken cancellationToken)
    {
        if (asPrimary)
        {
            fence.Arm();
        }
        else
        {
            fence.Disarm();
        }

        try
        {
            memory.SettledPasswords = null;
            await instance.StartAsync(configuration, cancellationToken).ConfigureAwait(false);
            (memory.StartedAt, memory.StartedWithoutAnswer) = (memory.Now(), true);
            SayLeftOut(want);
            refused.Accept(want.Db!.Spec, configuration.InternalOnly);
            memory.Metrics.OnReload(isPending: refused.Trouble.Length > 0);
        }
        catch (PostgresInstanceException)
        {
            memory.FailedStarts++;
            await LookForMistakesAsync(want, cancellationToken).ConfigureAwait(false);
            throw;
        }
        finally
        {
            memory.LookAgain.Ring();
        }
    }

    /// <summary>One parameter with a mistake keeps PostgreSQL from starting: the next start leaves it out.</summary>
    private async Task LookForMistakesAsync(Desired want, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(MistakesLimit);
        try
        {
            var asked = refused.Without(want.Db!).Spec.PgParameters;
            if (await instance.FindMistakesAsync(asked, limited.Token).ConfigureAwait(false) is { } refusal
                && refused.Refuse(want.Db!.Spec, refusal, hbaLines: 0))
            {
                logger.SettingsRefused(memory.Name, refusal.Said);
            }
        }
        catch (Exception exception) when (exception is PostgresInstanceException or OperationCanceledException)
        {
            // The start has failed already, and says so.
        }
    }

    private async Task RestartAsync(KeeperAction.Restart restart, Desired want, CancellationToken cancellationToken)
    {
        await instance.StopAsync(StopMode.Fast, StopLimit, cancellationToken).ConfigureAwait(false);
        await StartAsync(restart.Configuration, restart.AsPrimary, want, cancellationToken).ConfigureAwait(false);
    }

    private async Task ReloadAsync(ServerConfiguration configuration, Desired want, CancellationToken cancellationToken)
    {
        memory.Metrics.OnReload(isPending: true);
        if (await instance.ApplyAsync(configuration, cancellationToken).ConfigureAwait(false) is not { } refusal)
        {
            SayLeftOut(want);
            refused.Accept(want.Db!.Spec, configuration.InternalOnly);
            memory.Metrics.OnReload(isPending: refused.Trouble.Length > 0);
            memory.ProveAgain.Ring();
            return;
        }

        if (!refused.Refuse(want.Db!.Spec, refusal, configuration.Hba.Count))
        {
            throw new PostgresInstanceException($"PostgreSQL does not accept the configuration: {refusal.Said}. Nothing was changed.");
        }

        // The next step of this pass loads the rest.
        logger.SettingsRefused(memory.Name, refusal.Said);
    }

    /// <summary>An operator who sets what is not used should hear of it, once.</summary>
    private void SayLeftOut(Desired want)
    {
        var all = string.Join("; ", Parameters.LeftOut(want.Db!.Spec, instance.Version));
        if (leftOut.IsNew(all) && all.Length > 0)
        {
            logger.ParametersLeftOut(memory.Name, all);
        }
    }

    private async Task PromoteAsync(Desired want, CancellationToken cancellationToken)
    {
        fence.Arm();
        memory.SettledPasswords = null;
        var limit = new ClusterSettings(want.Data.Cluster.Spec).DbWaitReadyTimeout;
        try
        {
            await instance.PromoteAsync(limit, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // What was ordered would happen later, behind everybody's back. A stop forgets it; the next start disarms the fence.
            await instance.StopAsync(StopMode.Fast, FenceLimit, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private async Task SettleSlotsAsync(ValueList<string> wanted, CancellationToken cancellationToken)
    {
        var failures = await instance.SettleSlotsAsync(wanted.ToHashSet(StringComparer.Ordinal), cancellationToken).ConfigureAwait(false);
        var failure = string.Join(' ', failures);
        if (slots.IsNew(failure) && failure.Length > 0)
        {
            logger.SlotNotDropped(memory.Name, failure);
        }
    }

    private async Task SettlePasswordsAsync(CancellationToken cancellationToken)
    {
        var passwords = (settings.Superuser.Password, settings.Replication.Password);
        foreach (var role in await instance.SettlePasswordsAsync(cancellationToken).ConfigureAwait(false))
        {
            logger.PasswordSet(memory.Name, role);
        }

        memory.SettledPasswords = passwords;
    }

    private async Task PrepareAsync(KeeperAction.PrepareSwitchover prepare, CancellationToken cancellationToken)
    {
        string trouble;
        try
        {
            trouble = await instance.PrepareStopAsync(prepare.Limit, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresInstanceException exception)
        {
            trouble = exception.Message;
        }

        memory.Answer(new SwitchoverAnswer(prepare.Switchover, trouble));
    }

    private async Task StandDownAsync(KeeperAction.StandDown standDown, CancellationToken cancellationToken)
    {
        if (await instance.StandDownAsync(standDown.Target, cancellationToken).ConfigureAwait(false) is { Length: > 0 } trouble)
        {
            memory.Answer(new SwitchoverAnswer(standDown.Switchover, trouble));
        }
    }

    private Task AnswerAsync(SwitchoverAnswer answer)
    {
        memory.Answer(answer);
        return Task.CompletedTask;
    }

    private Task AdoptAsync(string clusterUid)
    {
        directory.Write(directory.KeeperState with { Uid = memory.Self, ClusterUid = clusterUid });
        directory.Write(directory.DbState with { SeenRevision = memory.SeenRevision });
        return Task.CompletedTask;
    }

    private Task RecordAsync(uint timeline)
    {
        var timelines = directory.DbState.PrimaryTimelines.Append(timeline).Distinct().Order().ToValueList();
        directory.Write(directory.DbState with { PrimaryTimelines = timelines });
        return Task.CompletedTask;
    }

    private Task RecordConvergedAsync(long generation)
    {
        directory.Write(directory.DbState with { Generation = generation, Initializing = false });
        memory.PublishAgain.Ring();
        return Task.CompletedTask;
    }
}
