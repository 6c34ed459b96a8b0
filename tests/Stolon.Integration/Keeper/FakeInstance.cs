using System.Collections.Immutable;
using Stolon.Cluster;
using Stolon.Hosting.Postgres;
using Stolon.Postgres;

namespace Stolon.Integration.Keeper;

/// <summary>An instance of which only the state is there: what is done to it, it remembers.</summary>
internal sealed class FakeInstance : IPostgresInstance
{
    private TaskCompletionSource exited = Ended();
    private int collections;

    public InstanceState State { get; set; } = new(Initialized: true, Running: false, Role.Primary);

    public string SystemId { get; set; } = "777";

    public ConcurrentLog Did { get; } = new();

    public TimeSpan? Deadline { get; private set; }

    /// <summary>Runs before the control file is read.</summary>
    public Func<Task> BeforeControl { get; set; } = () => Task.CompletedTask;

    /// <summary>Runs while a promotion takes place.</summary>
    public Func<CancellationToken, Task> DuringPromotion { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs while it is stopped; the instance runs on when this throws.</summary>
    public Func<StopMode, CancellationToken, Task> DuringStop { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>What it says to a configuration.</summary>
    public Func<ServerConfiguration, Refusal?> Judge { get; set; } = _ => null;

    public Func<InstanceState>? Look { get; set; }

    public ServerVersion Version { get; } = new(15, 4);

    public string SocketDirectory => "/run/fake";

    public string LogDirectory => "";

    public string? PassFile => null;

    public ServerConfiguration? RunningWith { get; set; }

    public CommitBarrier? Barrier { get; set; }

    public bool HasUnprovenList => false;

    public bool MayBeOpen => RunningWith is { InternalOnly: false };

    public string? Ending
    {
        get
        {
            BeforeEnding();
            return field;
        }

        set;
    }

    /// <summary>Runs before it says how it ended.</summary>
    public Action BeforeEnding { get; set; } = () => { };

    public Task Exited => exited.Task;

    public ImmutableArray<string> Slots { get; set; } = [];

    /// <summary>Runs before it answers.</summary>
    public Action BeforeCollect { get; set; } = () => { };

    /// <summary>How often it was asked.</summary>
    public int Collections => collections;

    public InstanceState Inspect() => Look?.Invoke() ?? State;

    public async Task<ControlData?> ReadControlDataAsync(CancellationToken cancellationToken)
    {
        await BeforeControl().WaitAsync(cancellationToken);
        return State.Initialized ? new ControlData(SystemId, "shut down", 1, new Lsn(1000)) : null;
    }

    public Task<string> ProveListAsync(TimeSpan limit, CancellationToken cancellationToken) => Task.FromResult("");

    public Task RepairAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<ValueMap<string, string>> CreateAsync(
        NewConfig config, ValueMap<string, string> parameters, string clusterUid, TimeSpan readyLimit, CancellationToken cancellationToken) =>
        Data("create");

    public Task<ValueMap<string, string>> CaptureAsync(
        ValueMap<string, string> parameters, TimeSpan readyLimit, CancellationToken cancellationToken) => Data("capture");

    public Task<ValueMap<string, string>> RestoreAsync(
        RestoreRequest request, string clusterUid, IProgress<CopyProgress> progress, CancellationToken cancellationToken) => Data("restore");

    public Task<CollectedState?> RewindAsync(
        RewindRequest request, Action beforeChange, IProgress<CopyProgress> progress, CancellationToken cancellationToken)
    {
        beforeChange();
        Did.Add("rewind");
        return Task.FromResult(Rewound);
    }

    /// <summary>What rewound data says; null = it does not become ready.</summary>
    public CollectedState? Rewound { get; set; }

    public Task CopyAsync(CopyRequest request, IProgress<CopyProgress> progress, CancellationToken cancellationToken) => Data("copy");

    public Task<ImmutableArray<string>> SettlePasswordsAsync(CancellationToken cancellationToken)
    {
        Did.Add("passwords");
        return Task.FromResult<ImmutableArray<string>>([]);
    }

    public Task<bool> RefreshPassFileAsync(ConnInfo followed, bool streams, CancellationToken cancellationToken) => Task.FromResult(false);

    public Task StartAsync(ServerConfiguration configuration, CancellationToken cancellationToken)
    {
        if (Judge(configuration) is { } refusal)
        {
            Did.Add("start failed");
            throw new PostgresInstanceException($"PostgreSQL did not start: {refusal.Said}");
        }

        Did.Add(configuration.InternalOnly ? "start closed" : "start open");
        RunUp(configuration);
        return Task.CompletedTask;
    }

    /// <summary>It runs from now on.</summary>
    public void RunUp(ServerConfiguration configuration)
    {
        exited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Ending = null;
        RunningWith = configuration;
        State = State with { Running = true };
    }

    /// <summary>It ends though nobody asked it to.</summary>
    public void Die(string how)
    {
        Ending = how;
        RunDown();
    }

    public Task WaitReadyAsync(TimeSpan limit, CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(StopMode mode, TimeSpan limit, CancellationToken cancellationToken)
    {
        Did.Add($"stop {mode}");
        await DuringStop(mode, cancellationToken);
        Ending = null;
        RunDown();
    }

    public Task<Refusal?> ApplyAsync(ServerConfiguration configuration, CancellationToken cancellationToken)
    {
        if (Judge(configuration) is { } refusal)
        {
            Did.Add("apply refused");
            return Task.FromResult<Refusal?>(refusal);
        }

        Did.Add(configuration.InternalOnly ? "apply closed" : "apply open");
        RunningWith = configuration;
        return Task.FromResult<Refusal?>(null);
    }

    public Task<Refusal?> FindMistakesAsync(ValueMap<string, string> parameters, CancellationToken cancellationToken) =>
        Task.FromResult(Judge(new ServerConfiguration(parameters, [], RecoverySignal.None)));

    public Task<SettingsAnswer> CheckAsync(SettingsQuestion question, CancellationToken cancellationToken) => Task.FromResult(
        Judge(new ServerConfiguration(question.PgParameters, question.PgHba, RecoverySignal.None)) is { } refusal
            ? new SettingsAnswer { Question = question.Id, Mistakes = [refusal.Said] }
            : new SettingsAnswer { Question = question.Id });

    public async Task PromoteAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        Did.Add("promote");
        await DuringPromotion(cancellationToken);
        State = State with { LocalRole = Role.Primary };
        Did.Add("promoted");
    }

    public Task<CollectedState> CollectAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref collections);
        BeforeCollect();
        return !State.Running
            ? throw new PostgresInstanceException("It does not run.")
            : Task.FromResult(new CollectedState
            {
                SystemId = SystemId,
                Role = State.LocalRole ?? Role.Primary,
                TimelineId = 1,
                XLogPos = new Lsn(1000),
                PhysicalSlots = Slots,
            });
    }

    public Task<ImmutableArray<string>> SettleSlotsAsync(IReadOnlySet<string> wanted, CancellationToken cancellationToken)
    {
        Did.Add("slots");
        return Task.FromResult<ImmutableArray<string>>([.. Slots.Except(wanted, StringComparer.Ordinal).Select(slot => $"{slot} is in use.")]);
    }

    public Task<string> PrepareStopAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        Did.Add("prepare stop");
        return Task.FromResult(StopTrouble);
    }

    public Task<string> StandDownAsync(string target, CancellationToken cancellationToken)
    {
        Did.Add($"stand down for {target}");
        RunDown();
        return Task.FromResult("");
    }

    public void SetDeadline(TimeSpan? bootTime) => Deadline = bootTime;

    /// <summary>What would hold up a clean stop.</summary>
    public string StopTrouble { get; set; } = "";

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static TaskCompletionSource Ended()
    {
        var ended = new TaskCompletionSource();
        ended.SetResult();
        return ended;
    }

    private void RunDown()
    {
        RunningWith = null;
        State = State with { Running = false };
        exited.TrySetResult();
    }

    private Task<ValueMap<string, string>> Data(string what)
    {
        Did.Add(what);
        State = State with { Initialized = true, LocalRole = State.LocalRole ?? Role.Primary };
        return Task.FromResult(ValueMap<string, string>.Empty);
    }
}

/// <summary>What was done, in order.</summary>
internal sealed class ConcurrentLog
{
    private ImmutableList<string> entries = [];

    public IReadOnlyList<string> All => entries;

    public void Add(string entry) => ImmutableInterlocked.Update(ref entries, all => all.Add(entry));
}
