using System.Net;
using Microsoft.Extensions.Logging;
using Stolon.Hosting.Health;

namespace Stolon.Hosting.Proxy;

/// <summary>
/// The route together with its deadline. Good checks push the deadline on; when it passes, every client is cut whatever the check is doing
/// (X3). What must change together changes under one lock here, and nowhere else.
/// </summary>
internal sealed class FencedRoute : IDisposable
{
    private readonly Fence fence;
    private readonly IForwarder forwarder;
    private readonly bool stopListening;
    private readonly ILogger logger;
    private readonly Lock gate = new();
    private readonly string clusterName;
    private FenceWatch? watch;
    private bool stopped;

    /// <summary>Takes the forwarder under control.</summary>
    /// <param name="fence">The deadline, shared with the forwarder.</param>
    /// <param name="forwarder">What carries the bytes; owned from now on.</param>
    /// <param name="clusterName">For the name of the thread.</param>
    /// <param name="stopListening">Whether to stop listening when the deadline passes.</param>
    /// <param name="logger">The log.</param>
    public FencedRoute(Fence fence, IForwarder forwarder, string clusterName, bool stopListening, ILogger logger)
    {
        this.fence = fence;
        this.forwarder = forwarder;
        this.stopListening = stopListening;
        this.logger = logger;
        this.clusterName = clusterName;
    }

    /// <summary>The clock of the deadline.</summary>
    public TimeSpan Now => fence.Now;

    /// <summary>The sign of life of what watches the deadline; null before the start.</summary>
    public Pulse? Pulse => watch?.Pulse;

    /// <summary>Where clients go now; null = nowhere.</summary>
    public IPEndPoint? Destination => fence.IsPast ? null : forwarder.Destination;

    /// <summary>Where clients connect to; null = not listening.</summary>
    public IPEndPoint? ListeningOn => forwarder.ListeningOn;

    /// <summary>Listens before the first check, so that a taken port fails the start.</summary>
    /// <param name="grace">How long the first good check may take.</param>
    /// <exception cref="IOException">It is not possible; the message names address, port and remedy.</exception>
    public void Start(TimeSpan grace)
    {
        fence.TryRenew(fence.Now + grace);
        forwarder.Listen();
        watch = new FenceWatch(fence, Expire, $"stolon proxy {clusterName}");
    }

    /// <summary>
    /// Cuts every client unless they are where they should be, and waits until no byte can follow. To be called before an acknowledgement:
    /// whoever reads it may open another primary (X5).
    /// </summary>
    /// <param name="destination">Where they should be.</param>
    /// <param name="cancellationToken">Gives up waiting; then nothing may be acknowledged.</param>
    /// <returns>When no client is anywhere else.</returns>
    public async Task LeaveAllButAsync(IPEndPoint? destination, CancellationToken cancellationToken)
    {
        try
        {
            if (forwarder.Destination is { } former && !former.Equals(destination))
            {
                await forwarder.LeaveAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            // Also when waiting was given up: a route that is being left lets nobody in, and would be taken for an open one if the same primary came back.
            lock (gate)
            {
                CutUnless(destination);
            }
        }

        await forwarder.QuietAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adopts a good check: its route, and a new deadline.</summary>
    /// <param name="deadline">Until when it is good, counted from before it began.</param>
    /// <param name="destination">Where clients go; null = nowhere.</param>
    /// <returns>False if the deadline has passed already, or the proxy stopped: nothing was opened.</returns>
    public bool TryAdopt(TimeSpan deadline, IPEndPoint? destination)
    {
        lock (gate)
        {
            // The clock is looked at here, after the last blocking call of the check.
            if (stopped || fence.Now >= deadline)
            {
                return false;
            }

            // A route whose deadline passed is over, even if the same primary follows. It ends before the new deadline counts for it.
            if (fence.IsPast || !fence.TryRenew(deadline))
            {
                CutUnless(null);
                fence.TryRenew(deadline);
            }

            CutUnless(destination);

            if (destination is not null && forwarder.Destination is null)
            {
                forwarder.Open(destination);
            }
        }

        return true;
    }

    /// <summary>Listens again after the deadline had passed; does nothing when it does already.</summary>
    /// <exception cref="IOException">It is not possible; the message names address, port and remedy.</exception>
    public void Listen()
    {
        lock (gate)
        {
            if (!stopped && !fence.IsPast && forwarder.ListeningOn is null)
            {
                forwarder.Listen();
                logger.ListeningAgain(forwarder.ListeningOn!);
            }
        }
    }

    /// <summary>Stops for good: no new clients, and every client cut.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>When no byte can follow.</returns>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            stopped = true;
            forwarder.StopListening();
            CutUnless(null);
            forwarder.TurnAway(forGood: true);
        }

        return forwarder.QuietAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        watch?.Dispose();
        forwarder.Dispose();
    }

    private void CutUnless(IPEndPoint? destination)
    {
        if (forwarder.Destination is { } former && !former.Equals(destination))
        {
            logger.RouteEnded(former, forwarder.Cut());
        }
    }

    /// <summary>X3. Runs on the watch's own thread.</summary>
    private void Expire()
    {
        lock (gate)
        {
            if (stopped || !fence.IsPast)
            {
                return;
            }

            // Who has lost the store does not know when there will be a primary: its clients had better go to another proxy.
            forwarder.TurnAway(forGood: false);
            if (forwarder.Destination is null && !(stopListening && forwarder.ListeningOn is not null))
            {
                return;
            }

            var cut = forwarder.Cut();
            if (stopListening)
            {
                forwarder.StopListening();
            }

            logger.DeadlinePassed(cut);
        }
    }
}
