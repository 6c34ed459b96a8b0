using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Hosting.Postgres;

namespace Stolon.Hosting.Keeper;

/// <summary>
/// Proves each new list of synchronous standbys (Q38), beside the loop that converges: a proof waits for commits, and for walsenders.
/// Until it has succeeded no standby is reported as in sync.
/// </summary>
internal sealed partial class ProveLoop(
    IPostgresInstance instance, InstanceObserver observer, KeeperMemory memory, TimeProvider time, ILogger logger)
{
    /// <summary>How long one attempt may take.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);

    private readonly OnceLog said = new();
    private string last = "";

    /// <summary>Proves until cancelled.</summary>
    /// <param name="cancellationToken">Ends the loop.</param>
    /// <returns>When ended.</returns>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = ShortestPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            var isDue = instance.HasUnprovenList && observer.Latest?.Answer is { Role: Role.Primary };
            if (isDue && await ProveAsync(cancellationToken).ConfigureAwait(false))
            {
                memory.LookAgain.Ring();
                (isDue, pause) = (false, ShortestPause);
            }

            await memory.ProveAgain.WaitAsync(isDue ? pause : memory.SleepInterval, time, cancellationToken).ConfigureAwait(false);
            pause = isDue && pause < memory.SleepInterval ? pause * 2 : pause;
        }
    }

    private async Task<bool> ProveAsync(CancellationToken cancellationToken)
    {
        var hindrance = "";
        try
        {
            hindrance = await instance.ProveListAsync(Limit, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
#pragma warning disable CA1031 // Whatever hinders it, the loop goes on: a keeper that gives up takes its PostgreSQL with it (S12).
        catch (Exception error)
#pragma warning restore CA1031
        {
            hindrance = error.Message;
        }

        // What hinders only once is the instant between the writing and the loading.
        if (hindrance == last && said.IsNew(hindrance) && hindrance.Length > 0)
        {
            LogHindered(logger, memory.Name, hindrance);
        }

        last = hindrance;
        return hindrance.Length == 0;
    }

    [LoggerMessage(2080, LogLevel.Warning, "{Keeper}: no standby counts as synchronous yet, since it is not proven that commits wait for it: {Hindrance}")]
    private static partial void LogHindered(ILogger logger, string keeper, string hindrance);
}
