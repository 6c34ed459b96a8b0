using System.Net;
using System.Net.Sockets;

namespace Stolon.Integration.Proxy;

/// <summary>Plays a machine that is gone: connections to it are neither made nor refused, since its queue is full and nobody takes from it.</summary>
internal sealed class SilentServer : IDisposable
{
    private readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> queue = [];

    public SilentServer()
    {
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        do
        {
            queue.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false });
        }
        while (IsTakenIn(queue[^1]));
    }

    public IPEndPoint EndPoint => (IPEndPoint)listener.LocalEndPoint!;

    public void Dispose()
    {
        listener.Dispose();
        queue.ForEach(socket => socket.Dispose());
    }

    private bool IsTakenIn(Socket client)
    {
        try
        {
            client.Connect(EndPoint);
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            return client.Poll(TimeSpan.FromMilliseconds(200), SelectMode.SelectWrite);
        }
    }
}
