using System.Net.Sockets;
using Stolon.Hosting.Health;

namespace Stolon.Hosting.Proxy;

/// <summary>One client, and the connection to the primary made for it.</summary>
/// <param name="client">The client's socket.</param>
/// <param name="epoch">The route; it knows this pair as long as it moves.</param>
/// <param name="sockets">How sockets are set up.</param>
/// <param name="steps">The proxy's activities.</param>
/// <param name="time">The clock of waits.</param>
internal sealed class ConnectionPair(Socket client, RouteEpoch epoch, SocketSettings sockets, RoleSteps steps, TimeProvider time) : IDisposable
{
    private static readonly LingerOption ResetOnClose = new(enable: true, seconds: 0);

    /// <summary>How long a handshake is given, in case its end cannot be seen, because it is encrypted.</summary>
    public static readonly TimeSpan LongestHandshake = TimeSpan.FromMilliseconds(250);

    /// <summary>ReadyForQuery, outside a transaction: the last message of a handshake.</summary>
    private static readonly byte[] Ready = [(byte)'Z', 0, 0, 0, 5, (byte)'I'];

    private readonly long began = time.GetTimestamp();
    private readonly Socket server = new(epoch.Primary.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
    private int closed;
    private volatile bool isIn;

    /// <summary>Its client is being let in, as far as anybody can see: if it were cut now, it would take it for a refusal.</summary>
    public bool IsInHandshake => !isIn && Volatile.Read(ref closed) == 0 && time.GetElapsedTime(began) < LongestHandshake;

    /// <summary>
    /// Connects to the primary and moves bytes both ways until both sides have ended, one has failed, or the route is
    /// over.
    /// </summary>
    /// <returns>Null, or why the primary could not be reached.</returns>
    public async Task<SocketException?> RunAsync()
    {
        try
        {
            if (!epoch.MayForward || !TrySetUpClient())
            {
                Reset();
                return null;
            }

            if (await ConnectAsync().ConfigureAwait(false) is { } problem)
            {
                return Volatile.Read(ref closed) == 0 ? problem : null;
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
    public void Abandon()
    {
        closed = 1;
        server.Dispose();
    }

    /// <summary>
    /// Ends both connections at once: what the other side has not got yet is lost, and it is told so.
    /// </summary>
    public void Reset()
    {
        if (Interlocked.Exchange(ref closed, 1) == 0)
        {
            Reset(client);
            Reset(server);
        }
    }

    /// <summary>Ends both connections; the other sides still get what was sent to them.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref closed, 1) == 0)
        {
            Close(client);
            Close(server);
        }
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = ResetOnClose;
        }
        catch (SocketException)
        {
            // The other side was faster.
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
        using var limit = new CancellationTokenSource(sockets.ConnectTimeout, time);
        try
        {
            sockets.Apply(server);
            await server.ConnectAsync(epoch.Primary, limit.Token).ConfigureAwait(false);
            (client.Blocking, server.Blocking) = (false, false);
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
