using Stolon.Storage;

namespace Stolon.Hosting.Stores;

/// <summary>
/// The one lease of this process for its reports: made by the first publication, kept alive while the process lives. It is garbage
/// collection only (ST3): when etcd forgot it, the next publication makes another.
/// </summary>
/// <param name="leases">The calls.</param>
/// <param name="time">The clock.</param>
/// <param name="closed">Cancelled when the store is disposed.</param>
internal sealed class EtcdReportLease(EtcdLeases leases, TimeProvider time, CancellationToken closed)
{
    private const int RenewalsPerLife = 4;
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private volatile Held? held;
    private Task<Held>? granting;
    private Task keeping = Task.CompletedTask;

    /// <summary>The lease to publish under.</summary>
    /// <param name="timeToLive">How long a report shall live without a new one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Its id.</returns>
    public async ValueTask<long> GetAsync(TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        var wanted = timeToLive > ReportAges.Shortest ? timeToLive : ReportAges.Shortest;
        if (held is { } good && good.TimeToLive >= wanted)
        {
            return good.Lease;
        }

        Task<Held> grant;
        lock (gate)
        {
            // Those who publish at the same time wait for one lease.
            if (granting is not { IsCompleted: false })
            {
                granting = GrantAsync(wanted);
            }

            grant = granting;
        }

        // What was published under a shorter one is published again before that one runs out.
        return (await grant.WaitAsync(cancellationToken).ConfigureAwait(false)).Lease;
    }

    /// <summary>etcd does not know a lease any more.</summary>
    /// <param name="lease">The lease.</param>
    public void Forget(long lease)
    {
        if (held is { } current && current.Lease == lease)
        {
            held = null;
        }
    }

    /// <summary>Ends when the store is disposed.</summary>
    /// <returns>When nothing runs any more.</returns>
    public Task EndAsync() => keeping;

    private async Task<Held> GrantAsync(TimeSpan timeToLive)
    {
        var made = new Held(await leases.GrantAsync(timeToLive, closed).ConfigureAwait(false), timeToLive);
        held = made;
        lock (gate)
        {
            if (keeping.IsCompleted)
            {
                keeping = KeepAsync();
            }
        }

        return made;
    }

    private async Task KeepAsync()
    {
        bool? isAlive = true;
        while (!closed.IsCancellationRequested)
        {
            var pause = isAlive is null ? RetryPause : (held?.TimeToLive ?? ReportAges.Shortest) / RenewalsPerLife;
            await Task.Delay(pause, time, closed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (held is { } current && !closed.IsCancellationRequested)
            {
                isAlive = await IsAliveAsync(current.Lease).ConfigureAwait(false);
                if (isAlive == false)
                {
                    Forget(current.Lease);
                }
            }
        }
    }

    /// <summary>Renews; null = nobody can tell.</summary>
    private async Task<bool?> IsAliveAsync(long lease)
    {
        try
        {
            return await leases.KeepAliveAsync(lease, closed).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or OperationCanceledException or ObjectDisposedException)
        {
            return null;
        }
        catch (EtcdNotFoundException)
        {
            return false;
        }
    }

    private sealed record Held(long Lease, TimeSpan TimeToLive);
}
