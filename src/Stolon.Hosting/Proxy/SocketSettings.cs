using System.Net.Sockets;

namespace Stolon.Hosting.Proxy;

/// <summary>How the sockets of clients and primary are set up: at once, and a dead other side is noticed.</summary>
/// <param name="options">The settings.</param>
internal sealed class SocketSettings(ProxyOptions options)
{
    private const int TcpLevel = 6;
    private const int TcpUserTimeout = 18;

    /// <summary>The limit of a connect.</summary>
    public TimeSpan ConnectTimeout => options.ConnectTimeout;

    /// <summary>Sets a socket up.</summary>
    /// <param name="socket">The socket.</param>
    public void Apply(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Seconds(options.KeepAliveIdle));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Seconds(options.KeepAliveInterval));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, options.KeepAliveCount);
        if (OperatingSystem.IsLinux() && options.UserTimeout > TimeSpan.Zero)
        {
            Span<byte> milliseconds = stackalloc byte[sizeof(int)];
            BitConverter.TryWriteBytes(milliseconds, (int)options.UserTimeout.TotalMilliseconds);
            socket.SetRawSocketOption(TcpLevel, TcpUserTimeout, milliseconds);
        }
    }

    private static int Seconds(TimeSpan span) => Math.Max(1, (int)span.TotalSeconds);
}
