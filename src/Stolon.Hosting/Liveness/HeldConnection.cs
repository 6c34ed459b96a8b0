using System.Net;
using System.Net.Sockets;
using System.Text;
using Stolon.Hosting.Proxy;
using Stolon.Routing;

namespace Stolon.Hosting.Liveness;

/// <summary>What a port answers to a connection.</summary>
internal enum PortAnswer
{
    /// <summary>It is open.</summary>
    Open,

    /// <summary>The kernel on the other side says that nobody listens: a reset. The only answer that can become evidence.</summary>
    Refused,

    /// <summary>Nothing came in time, or something else is in the way. It says nothing.</summary>
    Silent,
}

/// <summary>A connection that is only held, to hear at once when it ends. Not a byte is sent: PostgreSQL logs nothing of it.</summary>
internal sealed class HeldConnection : IDisposable
{
    private const int LongestLine = 256;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private readonly Socket socket;
    private readonly TimeProvider time;

    private HeldConnection(Socket socket, TimeProvider time) => (this.socket, this.time) = (socket, time);

    /// <summary>Connects.</summary>
    /// <param name="address">Host and port.</param>
    /// <param name="time">The clock of limits.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The connection, or null with what the port answered.</returns>
    public static async Task<(HeldConnection? Connection, PortAnswer Answer)> ConnectAsync(DnsEndPoint address, TimeProvider time, CancellationToken cancellationToken)
    {
        var (endPoint, _) = await new AddressResolver(Limit, time)
            .ResolveAsync(new PrimaryAddress(default, address.Host, address.Port), cancellationToken).ConfigureAwait(false);
        if (endPoint is null)
        {
            return (null, PortAnswer.Silent);
        }

        Socket? connecting = null;
        try
        {
            connecting = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            using var limit = new CancellationTokenSource(Limit, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
            await connecting.ConnectAsync(endPoint, either.Token).ConfigureAwait(false);
            KeepAlive.Fast(connecting);
            return (new HeldConnection(connecting, time), PortAnswer.Open);
        }
        catch (Exception problem) when (problem is SocketException or OperationCanceledException)
        {
            connecting?.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            return (null, problem is SocketException { SocketErrorCode: SocketError.ConnectionRefused } ? PortAnswer.Refused : PortAnswer.Silent);
        }
    }

    /// <summary>Asks whether a port is open, and leaves at once.</summary>
    /// <param name="address">Host and port.</param>
    /// <param name="time">The clock of limits.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What it answered.</returns>
    public static async Task<PortAnswer> AskAsync(DnsEndPoint address, TimeProvider time, CancellationToken cancellationToken)
    {
        var (connection, answer) = await ConnectAsync(address, time, cancellationToken).ConfigureAwait(false);
        connection?.Dispose();
        return answer;
    }

    /// <summary>Reads the line that the other side says first, within a second.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The line with its end; what came of it if it did not come whole.</returns>
    public async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[LongestLine];
        var length = 0;
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            int read;
            do
            {
                read = await socket.ReceiveAsync(buffer.AsMemory(length), either.Token).ConfigureAwait(false);
                length += read;
            }
            while (read > 0 && length < LongestLine && buffer[length - 1] != '\n');
        }
        catch (Exception problem) when (problem is SocketException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return Encoding.ASCII.GetString(buffer, 0, length);
    }

    /// <summary>Waits for the end of the connection.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>True if the other side ended it; false if it has fallen silent.</returns>
    public async Task<bool> EndsByPeerAsync(CancellationToken cancellationToken)
    {
        var ignored = new byte[LongestLine];
        try
        {
            while (await socket.ReceiveAsync(ignored, cancellationToken).ConfigureAwait(false) > 0)
            {
                // What is said is of no interest here.
            }

            return true;
        }
        catch (SocketException problem)
        {
            return problem.SocketErrorCode == SocketError.ConnectionReset;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();
}
