using System.Net;
using System.Net.Sockets;

namespace Stolon.Integration.Proxy;

/// <summary>Plays a primary: what it does with a connection is given, by default it sends everything back.</summary>
internal sealed class EchoServer : IDisposable
{
    private readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Func<EchoServer, Socket, Task> serve;
    private int accepted;
    private long received;

    public EchoServer(Func<EchoServer, Socket, Task>? serve = null, int port = 0)
    {
        this.serve = serve ?? EchoAsync;
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(512);
        _ = Task.Run(AcceptAsync);
    }

    public IPEndPoint EndPoint => (IPEndPoint)listener.LocalEndPoint!;

    public int Accepted => Volatile.Read(ref accepted);

    /// <summary>Bytes that arrived so far.</summary>
    public long Received => Interlocked.Read(ref received);

    public void Count(long bytes) => Interlocked.Add(ref received, bytes);

    public void Dispose() => listener.Dispose();

    private static async Task EchoAsync(EchoServer server, Socket client)
    {
        var buffer = new byte[64 * 1024];
        while (await client.ReceiveAsync(buffer) is var count and > 0)
        {
            server.Count(count);
            for (var sent = 0; sent < count;)
            {
                sent += await client.SendAsync(buffer.AsMemory(sent, count - sent));
            }
        }

        client.Shutdown(SocketShutdown.Send);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptAsync();
                client.NoDelay = true;
                Interlocked.Increment(ref accepted);
                _ = ServeAsync(client);
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using (client)
        {
            try
            {
                await serve(this, client);
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
            {
            }
        }
    }
}
