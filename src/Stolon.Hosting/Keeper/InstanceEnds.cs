using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Hosting.Postgres;

namespace Stolon.Hosting.Keeper;

/// <summary>Tells a start that failed, and an instance that ended though nobody asked it to, from each other and from a stop.</summary>
internal sealed partial class InstanceEnds(IPostgresInstance instance, KeeperMemory memory, ILogger logger)
{
    /// <summary>A start worked when the instance answers, and failed when it ended by itself before it did.</summary>
    /// <param name="earlier">The look before.</param>
    /// <param name="latest">This look.</param>
    public void Judge(InstanceSnapshot earlier, InstanceSnapshot latest)
    {
        if (latest.Collected is not null)
        {
            if (memory.StartedWithoutAnswer)
            {
                memory.BeginStep("keeper.answer", memory.StartedAt)?.Dispose();
            }

            memory.FailedStarts = 0;
            memory.StartedWithoutAnswer = false;
        }
        else if (!latest.State.Running && (memory.StartedWithoutAnswer || earlier.State.Running))
        {
            Ended(earlier);
        }
    }

    private void Ended(InstanceSnapshot earlier)
    {
        var starting = memory.StartedWithoutAnswer;
        memory.StartedWithoutAnswer = false;
        if (instance.Ending is not { } how)
        {
            return;
        }

        if (starting)
        {
            memory.FailedStarts++;
            LogStartFailed(logger, memory.Name, memory.FailedStarts, how);
            return;
        }

        LogEnded(logger, memory.Name, earlier.Collected?.Role == Role.Standby ? "" : " closed to clients", how);
    }

    [LoggerMessage(2009, LogLevel.Warning,
        "{Keeper}: PostgreSQL ended before it answered ({Failures} failed starts in a row): {How}")]
    private static partial void LogStartFailed(ILogger logger, string keeper, int failures, string how);

    [LoggerMessage(2041, LogLevel.Warning, "{Keeper}: PostgreSQL ended unexpectedly and is being restarted{Closed}: {How}")]
    private static partial void LogEnded(ILogger logger, string keeper, string closed, string how);
}
