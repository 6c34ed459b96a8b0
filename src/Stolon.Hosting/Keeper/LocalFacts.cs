using Microsoft.Extensions.Logging;
using Stolon.Convergence;
using Stolon.Hosting.Postgres;

namespace Stolon.Hosting.Keeper;

/// <summary>Gathers what a keeper knows of its own side, in the words of decisions.</summary>
internal sealed class LocalFacts(
    KeeperSettings settings, KeeperDirectory directory, IPostgresInstance instance, InstanceObserver observer, StoreContact contact,
    KeeperMemory memory, ILogger logger)
{
    /// <summary>Puts together the last look, the files, and the last contact with the store.</summary>
    /// <returns>What is there.</returns>
    public Observed Now()
    {
        var snapshot = observer.Latest;
        JudgeLastStart(snapshot);
        return new Observed
        {
            KeeperState = directory.KeeperState,
            DbState = directory.DbState,
            BootUuid = memory.BootUuid,
            Heard = contact.Heard || !settings.FencesItself,
            Initialized = snapshot.State.Initialized,
            Running = snapshot.State.Running,
            LocalRole = snapshot.State.LocalRole,
            RunningWith = instance.RunningWith,
            Answer = snapshot.Answer,
            SystemId = snapshot.SystemId,
        };
    }

    /// <summary>A start worked when the instance answers, and failed when it ended before it did.</summary>
    private void JudgeLastStart(InstanceSnapshot snapshot)
    {
        if (snapshot.Collected is not null)
        {
            memory.FailedStarts = 0;
            memory.StartedWithoutAnswer = false;
        }
        else if (memory.StartedWithoutAnswer && !snapshot.State.Running)
        {
            memory.StartedWithoutAnswer = false;
            memory.FailedStarts++;
            logger.StartFailed(memory.Name, memory.FailedStarts);
        }
    }
}
