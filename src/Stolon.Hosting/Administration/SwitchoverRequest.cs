using Stolon.Cluster;
using Stolon.Hosting.Sentinel;
using Stolon.Planning;
using Stolon.Storage;

namespace Stolon.Hosting.Administration;

/// <summary>Asks for a switchover, and waits for what becomes of it (architecture, section 7). The leading sentinel drives it.</summary>
/// <param name="clusterName">The cluster's name.</param>
/// <param name="store">The cluster's store.</param>
/// <param name="time">The wall clock.</param>
internal sealed class SwitchoverRequest(string clusterName, IClusterStore store, TimeProvider time)
{
    private static readonly TimeSpan ShortestLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestLimit = TimeSpan.FromHours(1);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>How long it is waited for beyond its limit: its steps are bounded, unless somebody has to come back.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>How long a sentinel may take to say that the limit is over, before the request is taken back.</summary>
    private static readonly TimeSpan WithdrawAfter = TimeSpan.FromSeconds(2);

    /// <summary>Asks, and waits.</summary>
    /// <param name="options">What it shall do.</param>
    /// <param name="cancellationToken">Gives up waiting; it goes on, or is refused when its limit is over.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is out of range.</exception>
    /// <exception cref="StolonException">There is no cluster, no primary or no such standby, or another switchover is under way.</exception>
    /// <exception cref="StoreUnavailableException">It is unknown whether it was asked for.</exception>
    public async Task<SwitchoverResult> RunAsync(SwitchoverOptions options, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Limit, ShortestLimit, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Limit, LongestLimit, nameof(options));
        var id = SentinelPass.NewId();
        await new DocumentChange(clusterName, store, time).RunAsync(data => Task.FromResult(Ask(data, id, options)), cancellationToken).ConfigureAwait(false);
        return await AwaitAsync(id, options, cancellationToken).ConfigureAwait(false);
    }

    private (ClusterData Next, Decision Decision)? Ask(ClusterData data, string id, SwitchoverOptions options)
    {
        if (data.Cluster.Status.Switchover is { } other)
        {
            throw new StolonException($"Switchover {other.Id} is under way in {clusterName}; nothing was asked for. See: stolon ctl explain");
        }

        if (data.Primary is not { } primary)
        {
            throw new StolonException($"The cluster {clusterName} has no primary that could step down.");
        }

        var target = options.To is { } to
            ? data.DatabaseOf(to) ?? throw new StolonException(
                $"Keeper {to} of {clusterName} has no instance that could take over; these have one: {string.Join(", ", data.Databases.Values.Select(db => db.Spec.Keeper).Order())}.")
            : null;
        if (target?.Uid == primary.Uid)
        {
            throw new StolonException($"Keeper {options.To} holds the primary of {clusterName} already.");
        }

        var asked = new Switchover
        {
            Id = id,
            Source = primary.Uid,
            Target = target?.Uid,
            StartedAt = Timestamp.From(time.GetUtcNow()),
            Limit = options.Limit == Switchover.DefaultLimit ? null : options.Limit,
        };
        var whom = target is null ? "whoever is fit" : $"keeper {target.Spec.Keeper}";
        return (With(data, asked), new Decision(
            time.GetUtcNow(), "", "SwitchoverRequested", $"Switchover {id} was asked for: from keeper {primary.Spec.Keeper} to {whom}."));
    }

    private async Task<SwitchoverResult> AwaitAsync(string id, SwitchoverOptions options, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var phase = SwitchoverPhase.Requested;
        using var timer = new PeriodicTimer(Poll, time);
        while (true)
        {
            var data = (await store.ReadAsync(cancellationToken).ConfigureAwait(false))?.Data;
            if (data?.Cluster.Status.Switchover is not { } now || now.Id != id)
            {
                return await FindOutcomeAsync(id, cancellationToken).ConfigureAwait(false);
            }

            if (now.Phase != phase)
            {
                phase = now.Phase;
                options.Progress?.Invoke(Describe(data, now));
            }

            var waited = time.GetElapsedTime(began);
            if (waited > options.Limit + WithdrawAfter && !now.IsUnderWay && await TryWithdrawAsync(id, cancellationToken).ConfigureAwait(false))
            {
                return new SwitchoverResult(SwitchoverOutcome.Refused, $"Switchover {id}: no sentinel began it within {options.Limit.TotalSeconds:0.#} s; the request was taken back.");
            }

            if (waited > options.Limit + Patience)
            {
                return new SwitchoverResult(SwitchoverOutcome.UnderWay, $"Switchover {id} still waits: {Describe(data, now)} See: stolon ctl explain");
            }

            await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The history says it. Where it does not, since a sentinel of stolon's dropped what it does not know, nothing is claimed.</summary>
    private async Task<SwitchoverResult> FindOutcomeAsync(string id, CancellationToken cancellationToken)
    {
        var history = await store.ReadHistoryAsync(cancellationToken).ConfigureAwait(false);
        foreach (var decision in history.Reverse().Where(decision => decision.Text.StartsWith($"Switchover {id} ", StringComparison.Ordinal)))
        {
            switch (decision.Kind)
            {
                case nameof(Reason.SwitchoverFinished):
                    return new SwitchoverResult(SwitchoverOutcome.Finished, decision.Text);
                case nameof(Reason.SwitchoverRefused):
                    return new SwitchoverResult(SwitchoverOutcome.Refused, decision.Text);
                case nameof(Reason.SwitchoverUndone):
                    return new SwitchoverResult(SwitchoverOutcome.Undone, decision.Text);
            }
        }

        return new SwitchoverResult(SwitchoverOutcome.Undone, $"Switchover {id} vanished from the document: it was written by an older sentinel, or by hand.");
    }

    /// <summary>Takes a request back that nobody has begun to carry out.</summary>
    /// <param name="id">The switchover.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False when it is under way.</returns>
    private async Task<bool> TryWithdrawAsync(string id, CancellationToken cancellationToken)
    {
        var isWithdrawn = false;
        await new DocumentChange(clusterName, store, time).RunAsync(
            data =>
            {
                isWithdrawn = data.Cluster.Status.Switchover is not { } now || now.Id != id || !now.IsUnderWay;
                return Task.FromResult<(ClusterData, Decision)?>(isWithdrawn && data.Cluster.Status.Switchover?.Id == id
                    ? (With(data, null), new Decision(time.GetUtcNow(), "", nameof(Reason.SwitchoverRefused), $"Switchover {id} was taken back: nobody had begun it."))
                    : null);
            },
            cancellationToken).ConfigureAwait(false);
        return isWithdrawn;
    }

    private static ClusterData With(ClusterData data, Switchover? switchover) =>
        data with { Cluster = data.Cluster with { Status = data.Cluster.Status with { Switchover = switchover } } };

    private static string Describe(ClusterData data, Switchover now) => now.Phase switch
    {
        SwitchoverPhase.Requested => "no sentinel has accepted it yet.",
        SwitchoverPhase.Preparing => $"keeper {KeeperOf(data, now.Target)} shall take over; the primary writes a checkpoint.",
        SwitchoverPhase.Draining => "proxies close their connections, and let new ones wait.",
        SwitchoverPhase.Stopping => $"the primary of keeper {KeeperOf(data, now.Source)} stops.",
        SwitchoverPhase.Stopped => "the primary has stopped; a standby that has all of its WAL is awaited.",
        SwitchoverPhase.Promoting => $"keeper {KeeperOf(data, now.Target)} has all of its WAL, and becomes the primary.",
        _ => $"nobody could take over; the primary of keeper {KeeperOf(data, now.Source)} starts again.",
    };

    private static string KeeperOf(ClusterData data, DbId? db) => (db is { } id ? data.Databases.Find(id)?.Spec.Keeper.Value : null) ?? "(none)";
}
