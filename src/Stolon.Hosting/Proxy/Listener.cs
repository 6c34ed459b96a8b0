using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Stolon.Hosting.Proxy;

/// <summary>Accepts clients on one address; may be stopped and started again, and then uses the same port.</summary>
/// <param name="options">Address and port.</param>
/// <param name="accepted">Takes each client; must not wait.</param>
/// <param name="time">The clock of waits.</param>
/// <param name="logger">The log.</param>
internal sealed class Listener(ProxyOptions options, Action<Socket> accepted, TimeProvider time, ILogger logger) : IDisposable
{
    private const int Backlog = 512;
    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private int port = options.Port;
    private Socket? listening;

    /// <summary>The address to listen on, when its name had to be looked up.</summary>
    public IPAddress? LookedUp { get; set; }

    /// <summary>Where clients connect to; null = not listening.</summary>
    public IPEndPoint? EndPoint { get; private set; }

    /// <summary>Starts listening; does nothing when it does already.</summary>
    /// <exception cref="IOException">It is not possible; the message names address, port and remedy.</exception>
    public void Start()
    {
        lock (gate)
        {
            if (listening is not null)
            {
                return;
            }

            var socket = Bind();
            listening = socket;
            EndPoint = (IPEndPoint)socket.LocalEndPoint!;
            port = EndPoint.Port;
            _ = Task.Run(() => AcceptAsync(socket));
        }
    }

    /// <summary>Stops listening.</summary>
    public void Stop()
    {
        lock (gate)
        {
            // Forgotten first: whoever waits in accept must see that this is no failure.
            var socket = listening;
            listening = null;
            EndPoint = null;
            socket?.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Stop();

    private Socket Bind()
    {
        var address = options.FindListenAddress() ?? LookedUp ?? IPAddress.Loopback;
        if (address.Equals(IPAddress.IPv6Any) && !Socket.OSSupportsIPv6)
        {
            address = IPAddress.Any;
        }

        Socket? socket = null;
        try
        {
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = address.Equals(IPAddress.IPv6Any);
            }

            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(Backlog);
            return socket;
        }
        catch (SocketException problem)
        {
            socket?.Dispose();
            throw new IOException(
                $"The proxy cannot listen on address {options.ListenAddress}, port {port}: {Remedy(problem)}", problem);
        }
    }

    private static string Remedy(SocketException problem) => problem.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse =>
            "another program listens there. Stop that program, or give the proxy another Port (0 = any free one).",
        SocketError.AccessDenied =>
            "this user may not. Choose a Port of 1024 or above, or allow this program to use lower ones.",
        SocketError.AddressNotAvailable =>
            "this machine has no such address. Give ListenAddress one of its own addresses, or * for all of them.",
        _ => $"{problem.Message}.",
    };

    private async Task AcceptAsync(Socket socket)
    {
        var rest = ShortestRest;
        while (ReferenceEquals(socket, Volatile.Read(ref listening)))
        {
            try
            {
                accepted(await socket.AcceptAsync().ConfigureAwait(false));
                rest = ShortestRest;
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException problem)
            {
                if (ReferenceEquals(socket, Volatile.Read(ref listening)))
                {
                    rest = await RestAsync(problem, rest).ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>Out of file descriptors or memory: accepting at once again would only burn the processor.</summary>
    private async Task<TimeSpan> RestAsync(SocketException problem, TimeSpan rest)
    {
        if (rest == ShortestRest)
        {
            logger.AcceptFailed(problem.Message);
        }

        await Task.Delay(rest, time).ConfigureAwait(false);
        return rest < LongestRest ? 2 * rest : rest;
    }
}
