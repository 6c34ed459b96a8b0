using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>The hands on one PGDATA, on a real PostgreSQL.</summary>
internal sealed class PostgresInstance : IPostgresInstance
{
    private static readonly TimeSpan DisposeLimit = TimeSpan.FromSeconds(3);

    private readonly PostgresContext context;
    private readonly LocalConnections connections;
    private readonly DirectoryExchange exchange;
    private readonly Postmaster postmaster;
    private readonly SynchronousList list;
    private readonly StateCollection collection;
    private readonly GuardLease lease;
    private readonly ControlFile control;
    private readonly RaisedLimits limits;
    private readonly ReplicationPassFile passFile;
    private readonly Lock leaseGate = new();
    private Guard? guard;
    private TimeSpan? deadline;
    private ServerConfiguration? startedWith;
    private volatile bool mayBeOpen;
    private volatile bool stopAsked;

    private PostgresInstance(PostgresContext context)
    {
        this.context = context;
        connections = new LocalConnections(context.SocketFolder, Settings.Port, Settings.Superuser, Settings.Replication);
        exchange = new DirectoryExchange(context.Folder, context.Owner, context.Logger);
        postmaster = new Postmaster(context);
        list = new SynchronousList(connections, context.Clock);
        collection = new StateCollection(connections, list, context.Folder);
        lease = new GuardLease(context.Folder.Lease, context.Owner);
        control = new ControlFile(context);
        limits = new RaisedLimits(control, context.Logger);
        passFile = new ReplicationPassFile(context.Folder, context.Owner, Settings.Replication);
    }

    public PostgresSettings Settings => context.Settings;

    public string SocketDirectory => context.SocketFolder;

    public string LogDirectory => context.Folder.Log;

    public string? PassFile => passFile.Path;

    public ServerVersion Version => context.Binaries.Version;

    public ServerConfiguration? RunningWith => guard is { Exited.IsCompleted: false } ? limits.Seen(startedWith) : null;

    public bool MayBeOpen => mayBeOpen && guard is { Exited.IsCompleted: false };

    public CommitBarrier? Barrier => list.Barrier;

    public bool HasUnprovenList => list.Unproven is not null;

    public string? Ending =>
        guard is { Exited.IsCompleted: true, Status: { } status } && !stopAsked ? postmaster.Log.Ending(status) : null;

    public Task Exited => guard?.Exited ?? Task.CompletedTask;

    /// <summary>
    /// Finds the binaries, checks the user and the folders, creates what is missing. Starts nothing. The data directory is locked already.
    /// </summary>
    /// <exception cref="PostgresInstanceException">Something is missing; the message names the remedy.</exception>
    public static async Task<PostgresInstance> OpenAsync(
        PostgresSettings settings, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        var instance = new PostgresInstance(await PostgresContext.OpenAsync(settings, clock, logger, cancellationToken).ConfigureAwait(false));
        instance.passFile.Prepare();
        return instance;
    }

    public InstanceState Inspect()
    {
        var pgdata = context.Folder.Pgdata;
        var initialized = DataFolder.IsComplete(pgdata) && !exchange.IsRebuiltInPlace;
        return new InstanceState(
            initialized,
            guard is { Exited.IsCompleted: false } || PostmasterFile.Running(pgdata) is not null,
            !initialized ? null : File.Exists(Path.Combine(pgdata, "standby.signal")) ? Role.Standby : Role.Primary);
    }

    public Task<ControlData?> ReadControlDataAsync(CancellationToken cancellationToken) => control.ReadAsync(cancellationToken);

    public Task<Refusal?> FindMistakesAsync(ValueMap<string, string> parameters, CancellationToken cancellationToken) =>
        SettingCheck.RunAsync(context, parameters, cancellationToken);

    public Task<SettingsAnswer> CheckAsync(SettingsQuestion question, CancellationToken cancellationToken) =>
        new CandidateCheck(context, connections).RunAsync(question, cancellationToken);

    public async Task RepairAsync(CancellationToken cancellationToken)
    {
        RefuseRunning("repaired");
        await postmaster.EndSurvivorsAsync(context.Folder.Pgdata).ConfigureAwait(false);
        await postmaster.EndSurvivorsAsync(context.Folder.New).ConfigureAwait(false);
        SecretFile.RemoveLeftovers(context.Folder);
        foreach (var folder in new[] { context.Folder.Root, context.Folder.Run, context.Folder.Pgdata })
        {
            context.Owner.RemoveLeftovers(folder);
        }

        await Task.Run(exchange.Repair, cancellationToken).ConfigureAwait(false);
    }

    public async Task<ValueMap<string, string>> CreateAsync(
        NewConfig config, ValueMap<string, string> parameters, string clusterUid, TimeSpan readyLimit, CancellationToken cancellationToken)
    {
        // An exchange that failed half way is finished before the next one begins.
        await RepairAsync(cancellationToken).ConfigureAwait(false);
        var creation = new ClusterCreation(context, exchange, postmaster, readyLimit);
        return await Task.Run(() => creation.RunAsync(config, parameters, clusterUid, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    public Task<ValueMap<string, string>> CaptureAsync(
        ValueMap<string, string> parameters, TimeSpan readyLimit, CancellationToken cancellationToken)
    {
        RefuseRunning("looked into");
        StartCheck.Verify(context, exchange.IsRebuiltInPlace);
        exchange.Confirm();
        var run = new PrivateRun(context, postmaster, readyLimit);
        return ExistingData.CaptureAsync(context, run, context.Folder.Pgdata, parameters, [], cancellationToken);
    }

    public async Task<ValueMap<string, string>> RestoreAsync(
        RestoreRequest request, string clusterUid, IProgress<CopyProgress> progress, CancellationToken cancellationToken)
    {
        await RepairAsync(cancellationToken).ConfigureAwait(false);
        var restored = new RestoredData(context, exchange, postmaster);
        return await Task.Run(() => restored.RunAsync(request, clusterUid, progress, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    public async Task CopyAsync(CopyRequest request, IProgress<CopyProgress> progress, CancellationToken cancellationToken)
    {
        await RepairAsync(cancellationToken).ConfigureAwait(false);
        await Task.Run(() => new BaseBackup(context, exchange).RunAsync(request, progress, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    public async Task<CollectedState?> RewindAsync(
        RewindRequest request, Action beforeChange, IProgress<CopyProgress> progress, CancellationToken cancellationToken)
    {
        await RepairAsync(cancellationToken).ConfigureAwait(false);
        await connections.CloseAsync().ConfigureAwait(false);
        return await new Rewind(context, control, postmaster, collection).RunAsync(request, beforeChange, progress, cancellationToken).ConfigureAwait(false);
    }

    public async Task StartAsync(ServerConfiguration configuration, CancellationToken cancellationToken)
    {
        if (guard is { Exited.IsCompleted: false })
        {
            throw new PostgresInstanceException("PostgreSQL runs already.");
        }

        var pgdata = context.Folder.Pgdata;
        StartCheck.Verify(context, exchange.IsRebuiltInPlace);
        await connections.CloseAsync().ConfigureAwait(false);
        await postmaster.EndSurvivorsAsync(pgdata).ConfigureAwait(false);
        exchange.Confirm();
        limits.Forget();
        ServerFiles.Write(pgdata, await limits.ForAsync(configuration, IsStandby(configuration), cancellationToken).ConfigureAwait(false), context.Owner);
        ServerFiles.PrepareStart(pgdata, configuration.Signal, context.Owner);
        lock (leaseGate)
        {
            lease.Write(deadline);
        }

        guard?.Dispose();
        guard = null;
        mayBeOpen = !configuration.InternalOnly;
        list.Start(configuration);
        stopAsked = false;
        guard = await postmaster.StartAsync(pgdata, context.Folder.Lease, [], cancellationToken).ConfigureAwait(false);
        startedWith = configuration;
    }

    public Task WaitReadyAsync(TimeSpan limit, CancellationToken cancellationToken) =>
        Readiness.WaitAsync(connections, Exited, postmaster, limit, context.Clock, cancellationToken);

    public async Task StopAsync(StopMode mode, TimeSpan limit, CancellationToken cancellationToken)
    {
        var running = guard;
        stopAsked = true;
        await postmaster.StopAsync(running, context.Folder.Pgdata, mode, limit, cancellationToken).ConfigureAwait(false);
        if (running is not null)
        {
            context.Logger.Stopped(mode);
        }
    }

    public async Task<Refusal?> ApplyAsync(ServerConfiguration configuration, CancellationToken cancellationToken)
    {
        var before = RunningWith;
        limits.Forget();
        var refusal = await new ServerReload(context, connections)
            .ApplyAsync(
                await limits.ForAsync(configuration, IsStandby(configuration), cancellationToken).ConfigureAwait(false),
                before,
                () => Postmaster.Find(guard, context.Folder.Pgdata),
                // Whatever happens from here on, it may be loaded until something else was seen to be (S4b).
                written =>
                {
                    mayBeOpen |= !written.InternalOnly;
                    list.Write(written);
                },
                cancellationToken)
            .ConfigureAwait(false);
        if (refusal is not null)
        {
            mayBeOpen = before is not { InternalOnly: true };
            return refusal;
        }

        (startedWith, mayBeOpen) = (configuration, !configuration.InternalOnly);
        context.Logger.Applied();
        return null;
    }

    public Task PromoteAsync(TimeSpan limit, CancellationToken cancellationToken) =>
        new Promotion(context, connections, postmaster).RunAsync(limit, cancellationToken);

    public Task<string> PrepareStopAsync(TimeSpan limit, CancellationToken cancellationToken) =>
        new StepDown(context, connections, postmaster).PrepareAsync(limit, cancellationToken);

    public Task<string> StandDownAsync(string target, CancellationToken cancellationToken)
    {
        stopAsked = true;
        return new StepDown(context, connections, postmaster).StopAsync(guard, target, cancellationToken);
    }

    public async Task<CollectedState> CollectAsync(CancellationToken cancellationToken)
    {
        postmaster.Log.Bound();
        try
        {
            await limits.LookAgainAsync(cancellationToken).ConfigureAwait(false);
            return await collection.CollectAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresInstanceException error) when (FailureRemedy.For(error.Message) is { Length: > 0 } remedy)
        {
            throw new PostgresInstanceException($"{error.Message}. {remedy}", error.InnerException ?? error);
        }
    }

    public Task<string> ProveListAsync(TimeSpan limit, CancellationToken cancellationToken) => list.ProveAsync(limit, cancellationToken);

    public Task<ImmutableArray<string>> SettleSlotsAsync(IReadOnlySet<string> wanted, CancellationToken cancellationToken) =>
        new ReplicationSlots(connections, context.Logger).SettleAsync(wanted, cancellationToken);

    public Task<ImmutableArray<string>> SettlePasswordsAsync(CancellationToken cancellationToken) =>
        connections.AskAsync(main => RoleSetup.SettleAsync(main, [Settings.Superuser, Settings.Replication], cancellationToken), cancellationToken);

    public Task<bool> RefreshPassFileAsync(ConnInfo followed, bool streams, CancellationToken cancellationToken) =>
        passFile.RefreshAsync(followed, streams, cancellationToken);

    public void SetDeadline(TimeSpan? bootTime)
    {
        lock (leaseGate)
        {
            deadline = bootTime;
            try
            {
                lease.Write(bootTime);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                context.Logger.LeaseNotWritten(error);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await connections.DisposeAsync().ConfigureAwait(false);
        if (guard is { } running)
        {
            // As if this process ended: the guard stops PostgreSQL within a second.
            running.Release();
            await Task.WhenAny(running.Exited, Task.Delay(DisposeLimit, context.Clock)).ConfigureAwait(false);
            await postmaster.StopAsync(running, context.Folder.Pgdata, StopMode.Kill, TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);
            running.Dispose();
        }
    }

    private bool IsStandby(ServerConfiguration configuration) =>
        configuration.Signal == RecoverySignal.Standby || Inspect().LocalRole == Role.Standby;

    private void RefuseRunning(string what)
    {
        if (Inspect().Running)
        {
            throw new PostgresInstanceException($"{context.Folder.Pgdata} cannot be {what} while PostgreSQL runs in it: stop it first.");
        }
    }
}
