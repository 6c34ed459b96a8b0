using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Stolon.Integration.Proxy;

/// <summary>How a client sees its connection end.</summary>
internal enum End
{
    /// <summary>It is still there.</summary>
    None,

    /// <summary>The other side closed it.</summary>
    Closed,

    /// <summary>The other side reset it.</summary>
    Reset,
}

/// <summary>A client of a proxy.</summary>
internal sealed class Client : IDisposable
{
    private Client(Socket socket) => Socket = socket;

    public Socket Socket { get; }

    public static async Task<Client> ConnectAsync(IPEndPoint proxy)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(proxy).WaitAsync(Eventually.Limit);
        return new Client(socket);
    }

    /// <summary>Sends a word and reads it back.</summary>
    public async Task<string> EchoAsync(string word)
    {
        await SendAsync(word);
        var buffer = new byte[Encoding.ASCII.GetByteCount(word)];
        for (var read = 0; read < buffer.Length;)
        {
            var count = await Socket.ReceiveAsync(buffer.AsMemory(read)).AsTask().WaitAsync(Eventually.Limit);
            if (count == 0)
            {
                throw new EndOfStreamException();
            }

            read += count;
        }

        return Encoding.ASCII.GetString(buffer);
    }

    public async Task SendAsync(string word) =>
        await Socket.SendAsync(Encoding.ASCII.GetBytes(word)).WaitAsync(Eventually.Limit);

    /// <summary>Looks, without waiting, whether the connection has ended.</summary>
    public End Look()
    {
        if (!Socket.Poll(0, SelectMode.SelectRead))
        {
            return End.None;
        }

        var count = Socket.Receive(new byte[1], 0, 1, SocketFlags.Peek, out var problem);
        return problem != SocketError.Success ? End.Reset : count == 0 ? End.Closed : End.None;
    }

    /// <summary>Waits for the end of the connection.</summary>
    public async Task<End> EndAsync()
    {
        try
        {
            var buffer = new byte[4096];
            while (await Socket.ReceiveAsync(buffer).WaitAsync(Eventually.Limit) > 0)
            {
            }

            return End.Closed;
        }
        catch (SocketException)
        {
            return End.Reset;
        }
    }

    public void Dispose() => Socket.Dispose();
}
