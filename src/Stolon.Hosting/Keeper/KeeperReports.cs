using System.Globalization;
using Stolon.Cluster;
using Stolon.Hosting.Liveness;
using Stolon.Hosting.Postgres;
using Stolon.Hosting.Time;
using Stolon.Postgres;

namespace Stolon.Hosting.Keeper;

/// <summary>Puts together what a keeper says about itself. Rules K8 and K9; Q4, Q32, Q33, Q35.</summary>
internal sealed class KeeperReports(
    KeeperSettings settings, KeeperDirectory directory, IPostgresInstance instance, InstanceObserver observer, RefusedSettings refused,
    PasswordLoop passwords, Findings findings, KeeperMemory memory, TimeProvider bootClock)
{
    /// <summary>The next report.</summary>
    /// <returns>It has a heartbeat of its own.</returns>
    public KeeperReport Next()
    {
        var snapshot = observer.Latest ?? InstanceSnapshot.Nothing;
        return new KeeperReport
        {
            InfoUid = ShortUid(),
            Uid = memory.Self,
            ClusterUid = memory.DocumentClusterUid,
            BootUuid = memory.BootUuid,
            PostgresBinaryVersion = new BinaryVersion(instance.Version.Major, instance.Version.Minor),
            PostgresState = State(snapshot),
            CanBePrimary = settings.CanBePrimary,
            CanBeSynchronousReplica = settings.CanBeSynchronousReplica,
            SeenRevision = Math.Max(memory.SeenRevision, Foreign(snapshot) is null ? directory.DbState.SeenRevision : 0),
            ForeignData = Foreign(snapshot),
            Trouble = new[] { memory.Trouble, snapshot.Failure, refused.Trouble, passwords.Trouble }.FirstOrDefault(one => one.Length > 0, ""),
            Answers = memory.Questions.Answers,
            Capabilities = [KeeperReport.SwitchoverCapability],
            Leaving = memory.Leaving,
            Switchover = memory.Answered,
            LivenessAddress = memory.LivenessAddress,
            Probes = findings.At(bootClock.Now()),
        };
    }

    private static string ShortUid() => Guid.NewGuid().ToString("N")[..8];

    private ForeignData? Foreign(InstanceSnapshot snapshot) =>
        snapshot is { State.Initialized: true, Control: { } control } && memory.DocumentClusterUid.Length > 0
            && directory.KeeperState.ClusterUid != memory.DocumentClusterUid
            ? new ForeignData
            {
                ClusterUid = directory.KeeperState.ClusterUid,
                SystemId = control.SystemId,
                Timeline = control.Timeline,
                Lsn = control.Checkpoint,
            }
            : null;

    private PostgresState State(InstanceSnapshot snapshot)
    {
        var copy = memory.Copy;
        var stored = directory.DbState;
        var state = new PostgresState
        {
            Uid = stored.Uid,
            Generation = stored.Generation,
            ListenAddress = settings.AdvertiseAddress,
            Port = settings.AdvertisePort.ToString(CultureInfo.InvariantCulture),
            FailedStarts = memory.FailedStarts,
            PrimaryTimelines = stored.PrimaryTimelines,
            NeedsResync = stored.Uid is not null && memory.NeedsResync == stored.Uid,
        };

        if (copy.Db is { } copied && copied != stored.Uid)
        {
            // The local data is still the old one: what is reported is the db that is being made (K16, Q31).
            return state with
            {
                Uid = copied,
                Generation = Database.NoGeneration,
                FailedResyncs = copy.FailedInARow,
                StalledFor = copy.Running ? bootClock.Now() - copy.LastProgress : null,
                CopiedBytes = copy.Running ? copy.CopiedBytes : 0,
                TotalBytes = copy.Running ? copy.TotalBytes : 0,
                PrimaryTimelines = [],
            };
        }

        return snapshot.Collected is { } collected ? Collected(state, snapshot, collected) : state;
    }

    private PostgresState Collected(PostgresState state, InstanceSnapshot snapshot, CollectedState collected) =>
        state with
        {
            Healthy = true,
            SystemId = collected.SystemId,
            TimelineId = collected.TimelineId,
            XLogPos = collected.XLogPos,
            TimelinesHistory = collected.TimelinesHistory,
            PgParameters = Parameters.WithoutManaged(collected.ConfiguredParameters, memory.AskedParameters),
            SynchronousStandbys = snapshot.InSync,
            OlderWalFile = collected.OlderWalFile,
            Role = collected.Role,
            WalReceiver = collected.WalReceiver,
        };
}
