using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Stolon.Hosting.Proxy;

/// <summary>
/// The forwarder that works everywhere: the runtime's own sockets, two <see cref="Pump"/>s for each connection, no memory held while a
/// connection is idle.
/// </summary>
internal sealed class SocketForwarder : IForwarder
{
    private static readonly TimeSpan QuietAfterComplaint = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan HandshakePoll = TimeSpan.FromMilliseconds(5);

    /// <summary>How soon a primary that could not be reached is tried again, while nobody calls to another one.</summary>
    private static readonly TimeSpan AgainAfter = TimeSpan.FromMilliseconds(250);

    /// <summary>So many who wait try that often: 256 attempts a second.</summary>
    private const int Together = 64;

    /// <summary>Nobody tries less often than every two seconds.</summary>
    private const int LongestAgain = 8;

    /// <summary>What a connection gets at least, however long its client has waited, unless all get less.</summary>
    private static readonly TimeSpan LeastConnect = TimeSpan.FromSeconds(1);

    private readonly int maxConnections;
    private readonly Fence fence;
    private readonly ProxyMetrics metrics;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly SocketSettings sockets;
    private readonly Listener listener;
    private readonly WaitingRoom waiting;
    private readonly Lock gate = new();
    private RouteEpoch? current;
    private Task closing = Task.CompletedTask;
    private long lastComplaint;
    private int failures;

    /// <summary>Makes a forwarder that neither listens nor forwards yet.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="fence">The deadline of forwarding.</param>
    /// <param name="metrics">Counts.</param>
    /// <param name="time">The clock of waits.</param>
    /// <param name="logger">The log.</param>
    public SocketForwarder(ProxyOptions options, Fence fence, ProxyMetrics metrics, TimeProvider time, ILogger logger)
    {
        maxConnections = ConnectionLimit.For(options);
        this.fence = fence;
        this.metrics = metrics;
        this.time = time;
        this.logger = logger;
        sockets = new SocketSettings(options);
        listener = new Listener(options, Accept, time, logger);
        waiting = new WaitingRoom(options.HoldTimeout, time);
    }

    /// <inheritdoc/>
    public IPEndPoint? ListeningOn => listener.EndPoint;

    /// <inheritdoc/>
    public IPEndPoint? Destination => Volatile.Read(ref current)?.Primary;

    /// <summary>Names the address to listen on, when it had to be looked up.</summary>
    /// <param name="address">The address.</param>
    public void ListenOn(IPAddress address) => listener.LookedUp = address;

    /// <inheritdoc/>
    public void Listen() => listener.Start();

    /// <inheritdoc/>
    public void StopListening() => listener.Stop();

    /// <inheritdoc/>
    public void Open(IPEndPoint primary)
    {
        lock (gate)
        {
            current = current is null
                ? new RouteEpoch(primary, fence, time.GetUtcNow())
                : throw new InvalidOperationException($"Clients still go to {current.Primary}.");
            waiting.Call(current);
        }
    }

    /// <inheritdoc/>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref current) is not { } epoch)
        {
            return;
        }

        epoch.Leave();
        while (epoch.HasHandshakes)
        {
            await Task.Delay(HandshakePoll, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void TurnAway(bool forGood)
    {
        if (forGood)
        {
            waiting.Close();
        }

        waiting.Call(null);
    }

    /// <inheritdoc/>
    public int Cut()
    {
        RouteEpoch? ended;
        lock (gate)
        {
            ended = current;
            if (ended is null)
            {
                return 0;
            }

            current = null;
            closing = closing.IsCompleted ? ended.Ended : Task.WhenAll(closing, ended.Ended);
        }

        var count = ended.Close();
        metrics.OnCut(count);
        return count;
    }

    /// <inheritdoc/>
    public Task QuietAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return closing.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        listener.Dispose();
        Cut();
        TurnAway(forGood: true);
    }

    private void Accept(Socket client)
    {
        metrics.OnAccepted();
        var full = metrics.Active + metrics.Held >= maxConnections;
        if (full && MayComplain())
        {
            logger.TooManyConnections(maxConnections);
        }

        Admit(client, full, time.GetTimestamp());
    }

    /// <summary>Lets a client in, or wait.</summary>
    /// <param name="client">The client, of which nothing was taken.</param>
    /// <param name="full">There are too many.</param>
    /// <param name="arrived">When it came.</param>
    /// <param name="failed">A route whose primary could not be reached for it.</param>
    private void Admit(Socket client, bool full, long arrived, RouteEpoch? failed = null)
    {
        RouteEpoch? epoch;
        Task<RouteEpoch?> called;
        lock (gate)
        {
            (epoch, called) = (current, waiting.Next);
        }

        if (!full && epoch is { Admits: true } && epoch != failed)
        {
            _ = ForwardAsync(client, epoch, arrived, sockets.ConnectTimeout);
        }
        else if (!full && waiting.IsOpen && !fence.IsPast)
        {
            _ = HoldAsync(client, failed is not null && epoch == failed ? NextOrAgainAsync(called, failed) : called, arrived);
        }
        else
        {
            metrics.OnTurnedAway();
            client.Dispose();
        }
    }

    /// <summary>A PostgreSQL that cannot be reached may be dead, and another primary near, or it is only restarted, and its route stays.</summary>
    private async Task<RouteEpoch?> NextOrAgainAsync(Task<RouteEpoch?> called, RouteEpoch failed)
    {
        // The more there are, the less often each of them tries; one that succeeds is enough for all.
        var pause = AgainAfter * Math.Min(1 + (metrics.Held / Together), LongestAgain);
        await ((Task)Task.WhenAny(called, failed.Reached)).WaitAsync(pause, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return called.IsCompleted ? await called.ConfigureAwait(false) : failed;
    }

    private async Task HoldAsync(Socket client, Task<RouteEpoch?> called, long arrived)
    {
        metrics.OnHeld();
        var epoch = await waiting.WaitAsync(client, called, arrived).ConfigureAwait(false);
        metrics.OnReleased();
        if (epoch is not null)
        {
            var left = waiting.Left(arrived);
            left = left < LeastConnect ? LeastConnect : left;
            await ForwardAsync(client, epoch, arrived, left < sockets.ConnectTimeout ? left : sockets.ConnectTimeout).ConfigureAwait(false);
        }
        else
        {
            metrics.OnTurnedAway();
        }
    }

    private async Task ForwardAsync(Socket client, RouteEpoch epoch, long arrived, TimeSpan connectLimit)
    {
        metrics.OnOpened();
        Unserved? unserved = null;
        try
        {
            unserved = await ServeAsync(client, epoch, connectLimit).ConfigureAwait(false);
        }
        catch (SocketException problem)
        {
            // No socket to be had for the primary's side.
            client.Dispose();
            Complain(epoch, problem);
        }
        finally
        {
            metrics.OnClosed();
        }

        if (unserved is { Problem: { } refused })
        {
            Complain(epoch, refused);
        }

        if (unserved is not null)
        {
            Admit(client, full: false, arrived, failed: unserved.Problem is null ? null : epoch);
        }
    }

    private async Task<Unserved?> ServeAsync(Socket client, RouteEpoch epoch, TimeSpan connectLimit)
    {
        var pair = new ConnectionPair(client, epoch, sockets, metrics.Steps, connectLimit, time);
        if (!epoch.TryAdd(pair))
        {
            // Nobody is taken in any more since it was looked at.
            pair.Abandon();
            return new Unserved(Problem: null);
        }

        try
        {
            return await pair.RunAsync().ConfigureAwait(false);
        }
        finally
        {
            epoch.Remove(pair);
        }
    }

    private void Complain(RouteEpoch epoch, SocketException problem)
    {
        metrics.OnConnectFailure();
        Interlocked.Increment(ref failures);
        if (MayComplain())
        {
            logger.ConnectFailed(epoch.Primary, problem.Message, Interlocked.Exchange(ref failures, 0));
        }
    }

    /// <summary>At most once a minute: a thousand clients that retry need not be a thousand lines.</summary>
    private bool MayComplain()
    {
        var now = time.GetTimestamp();
        var last = Interlocked.Read(ref lastComplaint);
        return (last == 0 || time.GetElapsedTime(last, now) >= QuietAfterComplaint)
            && Interlocked.CompareExchange(ref lastComplaint, now, last) == last;
    }
}
