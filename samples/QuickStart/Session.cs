using Microsoft.Extensions.DependencyInjection;
using QuickStart.Output;
using QuickStart.Roles;
using Stolon.Cluster;
using Stolon.Hosting.Administration;
using Stolon.Storage;

namespace QuickStart;

/// <summary>A cluster that comes up, runs, and is asked how it is.</summary>
internal sealed class Session
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ComeUpLimit = TimeSpan.FromMinutes(5);

    private readonly Screen screen;
    private readonly ITopology topology;
    private readonly IStolonAdministration administration;
    private readonly DecisionFeed feed;
    private readonly TimeProvider time;
    private readonly int keepers;
    private ClusterOverview? last;

    /// <summary>Makes a session; nothing runs yet.</summary>
    /// <param name="screen">Where to say what happens.</param>
    /// <param name="topology">The parts of the cluster.</param>
    /// <param name="database">The application's database.</param>
    /// <param name="keepers">How many keepers there are.</param>
    /// <param name="time">The clock.</param>
    public Session(Screen screen, ITopology topology, AppDatabase database, int keepers, TimeProvider time)
    {
        (this.screen, this.topology, Database, this.keepers, this.time) = (screen, topology, database, keepers, time);
        administration = topology.Services.GetRequiredKeyedService<IStolonAdministration>(RoleHost.ClusterName);
        feed = new DecisionFeed(screen, topology.Services.GetRequiredKeyedService<IClusterStore>(RoleHost.ClusterName), administration);
    }

    /// <summary>The application's database.</summary>
    public AppDatabase Database { get; }

    /// <summary>Shows decisions until cancelled.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>When ended.</returns>
    public Task ShowDecisionsAsync(CancellationToken cancellationToken) => feed.RunAsync(cancellationToken);

    /// <summary>Starts everything and waits until the application can write.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When it can.</returns>
    public async Task ComeUpAsync(CancellationToken cancellationToken)
    {
        await feed.SkipPastAsync(cancellationToken);
        await screen.WhileAsync(topology.StartAsync(cancellationToken), () => "starting");
        await UntilAsync("a primary that clients can reach", ComeUpLimit, status => status.IsAvailable, cancellationToken);
        await WithinAsync(
            "the database of the application", ComeUpLimit, Database.EnsureAsync, () => $"waiting for the database of the application: {Database.Progress}", cancellationToken);
    }

    /// <summary>Switches synchronous replication on, if the cluster was made without.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When asked for.</returns>
    public async Task EnsureSynchronousAsync(CancellationToken cancellationToken)
    {
        if ((await administration.GetStatusAsync(cancellationToken)).Spec?.SynchronousReplication != true)
        {
            await administration.PatchAsync("""{"synchronousReplication": true}""", cancellationToken);
        }
    }

    /// <summary>Waits until every keeper's standby follows, in synchronous mode in sync, so that the next failure is survived.</summary>
    /// <param name="limit">The longest.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When so.</returns>
    public Task CompleteAsync(TimeSpan limit, CancellationToken cancellationToken) =>
        UntilAsync(
            $"{keepers - 1} standbys that follow",
            limit,
            status => status.IsAvailable && status.Keepers.Count(StatusText.IsGoodStandby) >= keepers - 1
                && (!status.Synchronous.IsOn || status.Synchronous is { Blocks: false, InSync.IsEmpty: false }),
            cancellationToken);

    /// <summary>Waits until the cluster looks as wished; says every two seconds how it looks.</summary>
    /// <param name="what">What is waited for.</param>
    /// <param name="limit">The longest.</param>
    /// <param name="isReached">Whether it is there.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How it looks.</returns>
    /// <exception cref="QuickStartException">The limit has passed, or the cluster cannot go on.</exception>
    public async Task<ClusterOverview> UntilAsync(
        string what, TimeSpan limit, Func<ClusterOverview, bool> isReached, CancellationToken cancellationToken)
    {
        await WithinAsync(what, limit, LookAsync, () => StatusText.Progress(last) + Troubles(), cancellationToken);
        return last!;

        async Task LookAsync(CancellationToken token)
        {
            while (await TryAskAsync(token) is not { } status || !isReached(status))
            {
                await Task.Delay(Look, time, token);
            }
        }
    }

    /// <summary>Awaits something for a limited time.</summary>
    /// <param name="what">What is waited for.</param>
    /// <param name="limit">The longest.</param>
    /// <param name="work">What is awaited.</param>
    /// <param name="describe">What goes on.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When done.</returns>
    /// <exception cref="QuickStartException">The limit has passed, or the cluster cannot go on.</exception>
    public async Task WithinAsync(
        string what, TimeSpan limit, Func<CancellationToken, Task> work, Func<string> describe, CancellationToken cancellationToken)
    {
        using var tooLate = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, tooLate.Token);
        var working = work(either.Token);
        try
        {
            var first = await screen.WhileAsync(Task.WhenAny(working, topology.Failed), describe);
            if (first == topology.Failed)
            {
                await either.CancelAsync();
                await Task.WhenAny(working);
                throw new QuickStartException(await topology.Failed);
            }

            await working;
        }
        catch (OperationCanceledException exception) when (tooLate.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new QuickStartException($"Waited {limit.TotalSeconds:0} s for {what}. The cluster now:\n{StatusText.Everything(last)}", exception);
        }
    }

    private string Troubles() => last is { IsAvailable: false, Troubles: [var trouble, ..] } ? $": {trouble}" : "";

    private async Task<ClusterOverview?> TryAskAsync(CancellationToken cancellationToken)
    {
        try
        {
            return last = await administration.GetStatusAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or ClusterDataException)
        {
            // The decisions' loop shows it.
            return null;
        }
    }
}
