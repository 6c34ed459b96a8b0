using System.Net.Sockets;
using Stolon.Hosting.Health;

namespace Stolon.Hosting.Proxy;

/// <summary>A client of which nothing was taken, and that got nothing.</summary>
/// <param name="Problem">Why the primary could not be reached; null = the route is over.</param>
internal sealed record Unserved(SocketException? Problem);

/// <summary>One client, and the connection to the primary made for it.</summary>
/// <param name="client">The client's socket.</param>
/// <param name="epoch">The route; it knows this pair as long as it moves.</param>
/// <param name="sockets">How sockets are set up.</param>
/// <param name="steps">The proxy's activities.</param>
/// <param name="connectLimit">How long the connection to the primary may take.</param>
/// <param name="time">The clock of waits.</param>
internal sealed class ConnectionPair(Socket client, RouteEpoch epoch, SocketSettings sockets, RoleSteps steps, TimeSpan connectLimit, TimeProvider time) : IDisposable
{
    private static readonly LingerOption ResetOnClose = new(enable: true, seconds: 0);

    /// <summary>How long a handshake is given, in case its end cannot be seen, because it is encrypted.</summary>
    public static readonly TimeSpan LongestHandshake = TimeSpan.FromMilliseconds(250);

    /// <summary>ReadyForQuery, outside a transaction: the last message of a handshake.</summary>
    private static readonly byte[] Ready = [(byte)'Z', 0, 0, 0, 5, (byte)'I'];

    private const int Connecting = 0;
    private const int Forwarding = 1;
    private const int Closed = 2;

    private readonly long began = time.GetTimestamp();
    private readonly Socket server = new(epoch.Primary.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
    private int state = Connecting;
    private volatile bool isIn;

    /// <summary>Its client is being let in, as far as anybody can see: if it were cut now, it would take it for a refusal.</summary>
    public bool IsInHandshake => !isIn && Volatile.Read(ref state) != Closed && time.GetElapsedTime(began) < LongestHandshake;

    /// <summary>
    /// Connects to the primary and moves bytes both ways until both sides have ended, one has failed, or the route is
    /// over.
    /// </summary>
    /// <returns>Null: both are closed. Otherwise there was no connection to the primary, and the client is as it came.</returns>
    public async Task<Unserved?> RunAsync()
    {
        try
        {
            if (!TrySetUpClient())
            {
                return null;
            }

            if (!epoch.MayForward)
            {
                return GiveBack(null);
            }

            var problem = await ConnectAsync().ConfigureAwait(false);
            if (problem is not null || Interlocked.CompareExchange(ref state, Forwarding, Connecting) != Connecting)
            {
                return GiveBack(problem);
            }

            var toServer = PumpAsync(client, server, look: null);
            var toClient = PumpAsync(server, client, bytes => isIn = isIn || bytes.EndsWith(Ready));
            await toServer.ConfigureAwait(false);
            await toClient.ConfigureAwait(false);
            return null;
        }
        finally
        {
            Dispose();
        }
    }

    /// <summary>Gives the client back, of which nothing was taken.</summary>
    public void Abandon() => GiveBack(null);

    /// <summary>
    /// Ends both connections at once: what the other side has not got yet is lost, and it is told so. A client that has no connection to the primary yet
    /// stays as it came.
    /// </summary>
    public void Reset()
    {
        var former = Interlocked.Exchange(ref state, Closed);
        if (former == Forwarding)
        {
            Reset(client);
        }

        if (former != Closed)
        {
            Reset(server);
        }
    }

    /// <summary>Ends both connections; the other sides still get what was sent to them.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref state, Closed) != Closed)
        {
            Close(client);
            Close(server);
        }
    }

    private Unserved GiveBack(SocketException? problem)
    {
        if (Interlocked.Exchange(ref state, Closed) == Closed)
        {
            // It was cut, by somebody who is closing the socket.
            return new Unserved(Problem: null);
        }

        server.Dispose();
        return new Unserved(problem);
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = ResetOnClose;
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
        {
            // The other side was faster, or the owner.
        }

        socket.Dispose();
    }

    private static void Close(Socket socket)
    {
        try
        {
            // Without it, the runtime resets a connection that it closes under a pending receive.
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // Not connected, or not any more.
        }

        socket.Dispose();
    }

    private bool TrySetUpClient()
    {
        try
        {
            sockets.Apply(client);
            return true;
        }
        catch (SocketException)
        {
            // It has gone already.
            return false;
        }
    }

    private async Task<SocketException?> ConnectAsync()
    {
        using var limit = new CancellationTokenSource(connectLimit, time);
        try
        {
            sockets.Apply(server);
            await server.ConnectAsync(epoch.Primary, limit.Token).ConfigureAwait(false);
            (client.Blocking, server.Blocking) = (false, false);
            epoch.OnReached();
            if (epoch.IsFirst())
            {
                using var step = steps.Begin("proxy.first_connection", epoch.Opened)?.SetTag("destination", epoch.Primary.ToString());
            }

            return null;
        }
        catch (SocketException problem)
        {
            return problem;
        }
        catch (ObjectDisposedException)
        {
            return new SocketException((int)SocketError.OperationAborted);
        }
        catch (OperationCanceledException)
        {
            return new SocketException((int)SocketError.TimedOut);
        }
    }

    private async Task PumpAsync(Socket from, Socket to, ReadOnlySpanLook? look)
    {
        try
        {
            if (await new Pump(from, to, epoch, time, look).RunAsync().ConfigureAwait(false) is PumpEnd.Forbidden)
            {
                Reset();
            }
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
        {
            // One side is gone, so the other has nobody to talk to. That is daily life and not worth a line in the log.
            Dispose();
        }
    }
}
