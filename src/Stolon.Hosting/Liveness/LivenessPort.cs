using System.Net;
using System.Net.Sockets;
using System.Text;
using Stolon.Cluster;

namespace Stolon.Hosting.Liveness;

/// <summary>
/// The port that is open as long as this process does what others rely on. Whoever connects is told in one line who answers, and is held until
/// one side ends: the end is the first sign of a death, and only after that is a refusal worth something (architecture, section 5).
/// </summary>
/// <remarks>
/// It is closed last of all: after PostgreSQL has stopped, or after the last client of a proxy was cut. The kernel accepts for a process that is
/// busy or stands still, so that such a one is never taken for dead by a refusal. .NET opens sockets so that child processes do not inherit them.
/// </remarks>
internal sealed class LivenessPort : IDisposable
{
    /// <summary>More are answered and not held.</summary>
    public const int MostHeld = 64;

    private const int Backlog = 128;
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource closing = new();
    private readonly Socket listening;
    private readonly byte[] answer;
    private readonly TimeProvider time;
    private int held;

    private LivenessPort(Socket listening, string uid, string bootUuid, TimeProvider time)
    {
        this.listening = listening;
        this.time = time;
        answer = Encoding.ASCII.GetBytes(AnswerOf(uid, bootUuid));
        EndPoint = (IPEndPoint)listening.LocalEndPoint!;
        Accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>How many connections are held now.</summary>
    public int Held => Volatile.Read(ref held);

    private Task Accepting { get; }

    /// <summary>Opens the port.</summary>
    /// <param name="listenAddress">An IP address or <c>localhost</c>; for anything else, such as <c>*</c>, a list or a name, it is every address.</param>
    /// <param name="port">The port; 0 = any free one.</param>
    /// <param name="uid">Who answers.</param>
    /// <param name="bootUuid">Which process of it.</param>
    /// <param name="time">The clock of waits.</param>
    /// <returns>The open port.</returns>
    /// <exception cref="IOException">The port cannot be had; the message says what helps.</exception>
    public static LivenessPort Open(string listenAddress, int port, string uid, string bootUuid, TimeProvider time)
    {
        var address = listenAddress.Trim() is "localhost" ? IPAddress.Loopback
            : IPAddress.TryParse(listenAddress, out var literal) ? literal
            : Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = address.Equals(IPAddress.IPv6Any);
            }

            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(Backlog);
            return new LivenessPort(socket, uid, bootUuid, time);
        }
        catch (SocketException problem)
        {
            socket.Dispose();
            throw new IOException(
                $"The liveness port {port} cannot be had on address {listenAddress}: {problem.Message}. Give the option LivenessPort another value (0 = any free one).", problem);
        }
    }

    /// <summary>What is answered.</summary>
    /// <param name="uid">Who answers.</param>
    /// <param name="bootUuid">Which process of it.</param>
    /// <returns>One line.</returns>
    public static string AnswerOf(string uid, string bootUuid) => $"stolon liveness 1 {uid} {bootUuid}\n";

    /// <summary>Where others reach it.</summary>
    /// <param name="host">The host that others know this process by; empty = the address that faces <paramref name="peer"/>.</param>
    /// <param name="peer">Somebody of the cluster; null = nobody is known yet.</param>
    /// <returns>The address; none as long as it is not known.</returns>
    public LivenessAddress AddressFor(string host, IPEndPoint? peer)
    {
        if (host.Length > 0)
        {
            return new(host, EndPoint.Port);
        }

        return peer is not null && Facing(peer) is { } own ? new(own.ToString(), EndPoint.Port) : LivenessAddress.None;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!closing.IsCancellationRequested)
        {
            // The port first: whoever sees its connection end and asks again is to be refused.
            listening.Dispose();
            closing.Cancel();
        }
    }

    /// <summary>The kernel's choice of a source address; nothing is sent.</summary>
    private static IPAddress? Facing(IPEndPoint peer)
    {
        try
        {
            using var socket = new Socket(peer.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(peer);
            return (socket.LocalEndPoint as IPEndPoint)?.Address;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private async Task AcceptAsync()
    {
        while (!closing.IsCancellationRequested)
        {
            try
            {
                _ = AnswerAsync(await listening.AcceptAsync(closing.Token).ConfigureAwait(false));
            }
            catch (Exception problem) when (problem is SocketException && !closing.IsCancellationRequested)
            {
                // Out of file descriptors or memory; the kernel goes on accepting, and a connection that is not answered is no refusal.
                await Task.Delay(RestAfterFailure, time, closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception problem) when (problem is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(Socket peer)
    {
        using (peer)
        {
            try
            {
                if (Interlocked.Increment(ref held) <= MostHeld)
                {
                    KeepAlive.Slow(peer);
                    await SendAsync(peer).ConfigureAwait(false);
                    var ignored = new byte[64];
                    while (await peer.ReceiveAsync(ignored, closing.Token).ConfigureAwait(false) > 0)
                    {
                        // Nothing is asked here.
                    }
                }
                else
                {
                    await SendAsync(peer).ConfigureAwait(false);
                }
            }
            catch (Exception problem) when (problem is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The other side went, or this one goes.
            }
            finally
            {
                Interlocked.Decrement(ref held);
            }
        }
    }

    private async Task SendAsync(Socket peer)
    {
        using var limit = new CancellationTokenSource(AnswerLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(closing.Token, limit.Token);
        await peer.SendAsync(answer, either.Token).ConfigureAwait(false);
    }
}
