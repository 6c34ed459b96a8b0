using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Convergence;
using Stolon.Hosting.Postgres;
using Stolon.Hosting.Time;
using Stolon.Postgres;

namespace Stolon.Hosting.Keeper;

/// <summary>
/// The steps that give a db its first data (10.4). The files <c>dbstate</c> and <c>keeperstate</c> change only when the data is complete and
/// in place, so that a crash at any instant leaves them saying what is true (Q31).
/// </summary>
internal sealed class DataActions(
    IPostgresInstance instance, KeeperDirectory directory, KeeperSettings settings, KeeperMemory memory, TimeProvider bootClock, ILogger logger)
{
    private static readonly TimeSpan ProgressLogInterval = TimeSpan.FromSeconds(2);

    /// <summary>Makes a fresh cluster (K25).</summary>
    /// <param name="create">The step.</param>
    /// <param name="want">What the document asks for.</param>
    /// <param name="cancellationToken">Gives up; what is in place stays.</param>
    /// <returns>When the data is in place.</returns>
    public Task CreateAsync(KeeperAction.Create create, Desired want, CancellationToken cancellationToken) =>
        WatchedAsync(want.Db!.Uid, async () =>
        {
            var captured = await instance
                .CreateAsync(create.Config, create.Parameters, directory.KeeperState.ClusterUid, ReadyLimit(want), cancellationToken)
                .ConfigureAwait(false);
            SaveFirst(want.Db.Uid, want.Db.Spec.IncludePreviousConfig ? captured : null, primaryTimelines: [1]);
        });

    /// <summary>Takes over the data that is there (K27).</summary>
    /// <param name="takeOver">The step.</param>
    /// <param name="want">What the document asks for.</param>
    /// <param name="cancellationToken">Gives up; nothing was changed then.</param>
    /// <returns>When the parameters are captured.</returns>
    public Task TakeOverAsync(KeeperAction.TakeOver takeOver, Desired want, CancellationToken cancellationToken) =>
        WatchedAsync(want.Db!.Uid, async () =>
        {
            var captured = await instance.CaptureAsync(takeOver.Parameters, ReadyLimit(want), cancellationToken).ConfigureAwait(false);
            SaveFirst(want.Db.Uid, want.Db.Spec.IncludePreviousConfig ? captured : null, directory.DbState.PrimaryTimelines);
        });

    /// <summary>Restores a backup (K26).</summary>
    /// <param name="restore">The step.</param>
    /// <param name="want">What the document asks for.</param>
    /// <param name="cancellationToken">Gives up; what is in place stays.</param>
    /// <returns>When the data is in place.</returns>
    public Task RestoreAsync(KeeperAction.Restore restore, Desired want, CancellationToken cancellationToken) =>
        WatchedAsync(want.Db!.Uid, async () =>
        {
            var limit = new ClusterSettings(want.Data.Cluster.Spec).SyncTimeout;
            var request = new RestoreRequest(restore.Command, restore.Configuration, limit > TimeSpan.Zero ? limit : null);
            var captured = await instance
                .RestoreAsync(request, directory.KeeperState.ClusterUid, new CopyProgressSink(this), cancellationToken)
                .ConfigureAwait(false);
            SaveFirst(want.Db.Uid, want.Db.Spec.IncludePreviousConfig ? captured : null, primaryTimelines: []);
        });

    /// <summary>Copies the followed primary (R4, Q31).</summary>
    /// <param name="plan">From whom.</param>
    /// <param name="want">What the document asks for.</param>
    /// <param name="cancellationToken">Gives up; the old data stays.</param>
    /// <returns>When the copy is in place.</returns>
    public Task ResyncAsync(ResyncPlan plan, Desired want, CancellationToken cancellationToken) =>
        WatchedAsync(want.Db!.Uid, async () =>
        {
            if (plan.Method == ResyncMethod.Rewind && await TryRewindAsync(plan.Source, want, cancellationToken).ConfigureAwait(false))
            {
                SaveFirst(want.Db.Uid, captured: null, primaryTimelines: []);
                return;
            }

            var source = want.Followed!;
            var server = new ConnInfo(
                source.Status.ListenAddress, PortOf(source), settings.Replication.UserName, ObjectNames.Of(want.Db.Uid));
            var progress = new CopyProgressSink(this);
            await instance.CopyAsync(
                    new CopyRequest(server, settings.Replication.Passwords, plan.Slot, source.Status.SystemId)
                    {
                        MegabytesPerSecond = settings.CopyMegabytesPerSecond,
                    },
                    progress,
                    cancellationToken)
                .ConfigureAwait(false);
            SaveFirst(want.Db.Uid, captured: null, primaryTimelines: []);
        });

    /// <summary>Whether pg_rewind did it (R3, R5). A full copy is always right, so nothing that goes wrong here is the end.</summary>
    private async Task<bool> TryRewindAsync(Database source, Desired want, CancellationToken cancellationToken)
    {
        try
        {
            var server = new ConnInfo(source.Status.ListenAddress, PortOf(source), settings.Superuser.UserName, ObjectNames.Of(want.Db!.Uid));
            var found = await instance.RewindAsync(
                new RewindRequest(server, settings.Superuser.Passwords, source.Status.SystemId, want.Open!.Parameters, ReadyLimit(want)),
                () => directory.Write(directory.DbState with { Initializing = true }),
                new CopyProgressSink(this),
                cancellationToken).ConfigureAwait(false);
            var isOnBranch = found is not null && ResyncPlan.IsOnBranch(want, found.TimelineId, found.XLogPos, found.TimelinesHistory);
            if (ResyncPlan.AfterRewind(found is not null, isOnBranch) is not { } why)
            {
                return true;
            }

            logger.NotRewound(memory.Name, why);
        }
        catch (PostgresInstanceException error)
        {
            logger.NotRewound(memory.Name, error.Message);
        }

        return false;
    }

    private static TimeSpan ReadyLimit(Desired want) => new ClusterSettings(want.Data.Cluster.Spec).DbWaitReadyTimeout;

    private static int PortOf(Database db) =>
        int.TryParse(db.Status.Port, out var port)
            ? port
            : throw new PostgresInstanceException($"db {db.Uid} has the port \"{db.Status.Port}\" in the document, which is no number");

    private async Task WatchedAsync(DbId db, Func<Task> work)
    {
        var now = bootClock.Now();
        memory.SetCopy(copy => new CopyState(db, true, copy.Db == db ? copy.FailedInARow : 0, 0, 0, now));
        memory.PublishAgain.Ring();
        try
        {
            await work().ConfigureAwait(false);
            memory.SetCopy(_ => CopyState.None);
        }
        catch (PostgresInstanceException)
        {
            memory.SetCopy(copy => copy with { Running = false, FailedInARow = copy.FailedInARow + 1 });
            throw;
        }
        catch (OperationCanceledException)
        {
            memory.SetCopy(copy => copy with { Running = false });
            throw;
        }
        finally
        {
            memory.PublishAgain.Ring();
        }
    }

    private void SaveFirst(DbId db, ValueMap<string, string>? captured, ValueList<uint> primaryTimelines) =>
        directory.Write(directory.DbState with
        {
            Uid = db,
            Generation = Database.NoGeneration,
            Initializing = false,
            InitPgParameters = captured ?? ValueMap<string, string>.Empty,
            PrimaryTimelines = primaryTimelines,
        });

    private void Progressed(CopyProgress progress, ref TimeSpan logged)
    {
        var now = bootClock.Now();
        memory.SetCopy(copy => copy with
        {
            LastProgress = progress.CopiedBytes > copy.CopiedBytes ? now : copy.LastProgress,
            CopiedBytes = progress.CopiedBytes,
            TotalBytes = progress.TotalBytes,
        });
        if (now - logged >= ProgressLogInterval)
        {
            logged = now;
            logger.Copied(memory.Name, progress.CopiedBytes, progress.TotalBytes);
        }
    }

    private sealed class CopyProgressSink(DataActions owner) : IProgress<CopyProgress>
    {
        private TimeSpan logged;

        public void Report(CopyProgress value) => owner.Progressed(value, ref logged);
    }
}
