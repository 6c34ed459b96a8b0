using System.Net.Sockets;

namespace Stolon.Hosting.Liveness;

/// <summary>How often TCP asks whether the other side of a connection that carries nothing is there.</summary>
internal static class KeepAlive
{
    /// <summary>
    /// A second after the last word, and once more a second later: what has not ended by then was answered by the other side's kernel within 2 s.
    /// </summary>
    /// <param name="socket">The socket.</param>
    public static void Fast(Socket socket) => Set(socket, idleSeconds: 1, intervalSeconds: 1, count: 1);

    /// <summary>Only so that a connection whose other side has vanished is not kept for ever.</summary>
    /// <param name="socket">The socket.</param>
    public static void Slow(Socket socket) => Set(socket, idleSeconds: 30, intervalSeconds: 10, count: 3);

    private static void Set(Socket socket, int idleSeconds, int intervalSeconds, int count)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, idleSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, intervalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, count);
    }
}
