using System.Diagnostics;
using Stolon.Cluster;
using Stolon.Hosting.Time;

namespace Stolon.Hosting.Keeper;

/// <summary>What the loops of one keeper share: bells, intervals, and the few facts that are no file's and no instance's.</summary>
/// <param name="self">This keeper.</param>
/// <param name="metrics">Its numbers.</param>
/// <param name="time">The clock of waits.</param>
internal sealed class KeeperMemory(KeeperId self, KeeperMetrics metrics, TimeProvider time)
{
    /// <summary>No step of a switchover takes longer, unless somebody has to come back for it.</summary>
    private static readonly TimeSpan LongestHurry = TimeSpan.FromSeconds(20);

    private readonly TaskCompletionSource leavingPublished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock gate = new();
    private volatile Haste? haste;
    private CopyState copy = CopyState.None;
    private volatile ClusterData? document;

    /// <summary>This keeper.</summary>
    public KeeperId Self { get; } = self;

    /// <summary>How the log calls it.</summary>
    public string Name { get; } = $"keeper {self}";

    /// <summary>New at every start of the process (M3).</summary>
    public string BootUuid { get; } = Guid.NewGuid().ToString();

    /// <summary>The keeper's numbers.</summary>
    public KeeperMetrics Metrics { get; } = metrics;

    /// <summary>The signs of life of its loops.</summary>
    public KeeperPulses Pulses { get; } = new(time);

    /// <summary>The document last read; null before the first.</summary>
    public ClusterData? Document => document;

    /// <summary>The db that it assigns to this keeper.</summary>
    public Database? Assigned => document?.DatabaseOf(Self);

    /// <summary>Rings when the next pass should come at once.</summary>
    public Wake PassAgain { get; } = new();

    /// <summary>Rings when the document may have changed, and for nothing that this keeper does itself.</summary>
    public Wake DocumentChanged { get; } = new();

    /// <summary>Rings when the next publication should come at once.</summary>
    public Wake PublishAgain { get; } = new();

    /// <summary>Rings when the next look should come at once.</summary>
    public Wake LookAgain { get; } = new();

    /// <summary>Rings when there may be a list of synchronous standbys to prove.</summary>
    public Wake ProveAgain { get; } = new();

    /// <summary>Rings when there may be others to observe than before.</summary>
    public Wake SubjectsChanged { get; } = new();

    /// <summary>Where others find out whether it lives; none before it started.</summary>
    public LivenessAddress LivenessAddress { get; set; }

    /// <summary>The sleepInterval of the document, or stolon's default, within the bounds of a wait.</summary>
    public TimeSpan SleepInterval { get; private set; } = TimeSpan.FromSeconds(1);

    /// <summary>The uid of the document last read; empty before the first.</summary>
    public string DocumentClusterUid { get; private set; } = "";

    /// <summary>The highest revision of the document that this process saw (Q33).</summary>
    public long SeenRevision { get; private set; }

    /// <summary>The parameters that the document's spec names.</summary>
    public ValueMap<string, string> AskedParameters { get; private set; } = ValueMap<string, string>.Empty;

    /// <summary>Why this keeper cannot do what it is asked to, in one line; empty when it can.</summary>
    public string Trouble
    {
        get;
        set => field = value.ReplaceLineEndings(" ");
    }
    = "";

    /// <summary>Clients wait for a switchover: the instance is looked at more often.</summary>
    public bool Hurries => haste is { } now && time.GetElapsedTime(now.Since) < LongestHurry;

    /// <summary>From which db the standby was last seen to stream, and when.</summary>
    public StreamSeen? Streamed { get; set; }

    /// <summary>What was said last to a switchover.</summary>
    public SwitchoverAnswer? Answered { get; private set; }

    /// <summary>The host ends in an orderly way.</summary>
    public bool Leaving { get; set; }

    /// <summary>Completes when a report was published that says so.</summary>
    public Task LeavingPublished => leavingPublished.Task;

    /// <summary>The db whose data here cannot be what the document asks for; null = none.</summary>
    public DbId? NeedsResync { get; set; }

    /// <summary>The passwords that the roles of the running primary were seen to have; null = nobody looked since it started or was promoted.</summary>
    public (string? Superuser, string? Replication)? SettledPasswords { get; set; }

    /// <summary>The questions that the store holds, and what the instance said to them.</summary>
    public OpenQuestions Questions { get; } = new();

    /// <summary>Starts that failed in a row.</summary>
    public int FailedStarts { get; set; }

    /// <summary>It was started and has not answered since: if it ends now, the start failed.</summary>
    public bool StartedWithoutAnswer { get; set; }

    /// <summary>When it was started last, by the wall clock: for the record only.</summary>
    public DateTimeOffset StartedAt { get; set; }

    /// <summary>The wall clock: for the record only.</summary>
    /// <returns>The present.</returns>
    public DateTimeOffset Now() => time.GetUtcNow();

    /// <summary>Begins a step of this keeper.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="since">When it began; the default = now.</param>
    /// <returns>To be disposed at its end; null = nobody listens.</returns>
    public Activity? BeginStep(string name, DateTimeOffset since = default)
    {
        var step = Metrics.Steps.Begin(name, since);
        if (step is not null && Assigned is { } db)
        {
            step.SetTag("db", db.Uid.Value).SetTag("generation", db.Generation).SetTag("asked_role", db.Spec.Role.ToString().ToLowerInvariant());
        }

        return step;
    }

    /// <summary>The running or last copy.</summary>
    public CopyState Copy
    {
        get
        {
            lock (gate)
            {
                return copy;
            }
        }
    }

    /// <summary>A document was read.</summary>
    /// <param name="data">The document.</param>
    /// <param name="sleepInterval">Its sleepInterval.</param>
    public void Read(ClusterData data, TimeSpan sleepInterval)
    {
        if (DocumentClusterUid != data.Cluster.Uid)
        {
            // A sentinel hears only reports for its own cluster (O1): the first one should not wait for the interval.
            DocumentClusterUid = data.Cluster.Uid;
            SeenRevision = 0;
            PublishAgain.Ring();
        }

        var isNew = document is not { } before || before.Revision != data.Revision || before.ChangeTime != data.ChangeTime;
        document = data;
        Hurry(data.Cluster.Status.Switchover);
        if (isNew)
        {
            SubjectsChanged.Ring();
        }

        Metrics.OnDocument();
        SeenRevision = Math.Max(SeenRevision, data.Revision);
        SleepInterval = sleepInterval.Bounded();
        AskedParameters = data.Cluster.Spec.PgParameters;
    }

    /// <summary>Something about the instance changed that others should hear of, and that may need a step.</summary>
    public void InstanceChanged()
    {
        PublishAgain.Ring();
        PassAgain.Ring();
        ProveAgain.Ring();
    }

    /// <summary>When the standby was last seen to stream from a keeper's PostgreSQL.</summary>
    /// <param name="keeper">The keeper.</param>
    /// <returns>An instant of the boot clock; null = it follows another, or nothing came.</returns>
    public TimeSpan? StreamedAt(KeeperId keeper) =>
        Streamed is { } seen && document?.Databases.Find(seen.Db)?.Spec.Keeper == keeper ? seen.At : null;

    /// <summary>A report was published.</summary>
    /// <param name="report">The report.</param>
    public void OnPublished(KeeperReport report)
    {
        if (report.Leaving)
        {
            leavingPublished.TrySetResult();
        }
    }

    /// <summary>Says something to a switchover.</summary>
    /// <param name="answer">What.</param>
    public void Answer(SwitchoverAnswer answer)
    {
        Answered = answer;
        PublishAgain.Ring();
    }

    /// <summary>Changes what is known of the copy.</summary>
    /// <param name="change">The change.</param>
    public void SetCopy(Func<CopyState, CopyState> change)
    {
        lock (gate)
        {
            copy = change(copy);
        }
    }

    private void Hurry(Switchover? switchover)
    {
        var underWay = switchover is { IsUnderWay: true } ? switchover.Id : null;
        if (underWay != haste?.Switchover)
        {
            haste = underWay is null ? null : new Haste(underWay, time.GetTimestamp());
            LookAgain.Ring();
        }
    }

    private sealed record Haste(string Switchover, long Since);
}

/// <summary>A standby was seen to stream.</summary>
/// <param name="Db">From which db.</param>
/// <param name="At">When: an instant of the boot clock.</param>
internal sealed record StreamSeen(DbId Db, TimeSpan At);

/// <summary>A copy, initialisation or restore as the keeper reports it (Q4, Q24).</summary>
/// <param name="Db">For which db.</param>
/// <param name="Running">It runs now.</param>
/// <param name="FailedInARow">Attempts that failed for this db.</param>
/// <param name="CopiedBytes">Bytes so far.</param>
/// <param name="TotalBytes">Bytes to come to; 0 = not known.</param>
/// <param name="LastProgress">When <see cref="CopiedBytes"/> last grew: an instant of the boot clock.</param>
internal sealed record CopyState(DbId? Db, bool Running, int FailedInARow, long CopiedBytes, long TotalBytes, TimeSpan LastProgress)
{
    /// <summary>No copy was made.</summary>
    public static readonly CopyState None = new(null, false, 0, 0, 0, TimeSpan.Zero);
}
