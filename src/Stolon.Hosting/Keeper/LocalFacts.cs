using Stolon.Cluster;
using Stolon.Convergence;
using Stolon.Hosting.Postgres;

namespace Stolon.Hosting.Keeper;

/// <summary>Gathers what a keeper knows of its own side, in the words of decisions.</summary>
internal sealed class LocalFacts(
    KeeperSettings settings, KeeperDirectory directory, IPostgresInstance instance, InstanceObserver observer, StoreContact contact,
    KeeperMemory memory)
{
    /// <summary>Puts together the last look, the files, and the last contact with the store.</summary>
    /// <returns>What is there; null before anybody looked: then nothing may be decided (Q32).</returns>
    public Observed? Now() => observer.Latest is { } snapshot
        ? new Observed
        {
            KeeperState = directory.KeeperState,
            DbState = directory.DbState,
            BootUuid = memory.BootUuid,
            Heard = contact.Heard || !settings.FencesItself,
            IsOutdated = snapshot.IsOutdated,
            Initialized = snapshot.State.Initialized,
            Running = snapshot.State.Running,
            LocalRole = snapshot.State.LocalRole,
            RunningWith = instance.RunningWith,
            MayBeOpen = instance.MayBeOpen,
            Answer = snapshot.Answer,
            PasswordsSettled = memory.SettledPasswords == (settings.Superuser.Password, settings.Replication.Password),
            LastStartFailed = memory.FailedStarts > 0,
            SystemId = snapshot.SystemId,
            StoppedAt = StoppedAt(snapshot),
            Answered = memory.Answered,
        }
        : null;

    /// <summary>The words of PostgreSQL's control file for a primary that has stopped cleanly.</summary>
    private static StopPoint? StoppedAt(InstanceSnapshot snapshot) =>
        snapshot is { State: { Running: false, LocalRole: Role.Primary }, Control: { State: "shut down" } control }
            ? new StopPoint(control.Timeline, control.Checkpoint)
            : null;
}
