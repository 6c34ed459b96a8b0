using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Stolon.Hosting.Proxy;

/// <summary>
/// Tells a client that has begun PostgreSQL's handshake that there is no primary, as PostgreSQL itself tells that it is starting: with an
/// error of class 57, which drivers understand and may try again after. See "Message Flow" in PostgreSQL's documentation.
/// </summary>
/// <param name="client">The client.</param>
/// <param name="time">The clock of waits.</param>
internal sealed class StartupRefusal(Socket client, TimeProvider time)
{
    private const int HeaderLength = 8;
    private const int LongestPacket = 10_000;
    private const int CancelRequest = 80877102;
    private const int SslRequest = 80877103;
    private const int GssEncRequest = 80877104;

    /// <summary>A client asks for encryption with GSSAPI, then with TLS, and then begins.</summary>
    private const int MostRequests = 3;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private static readonly byte[] Refusal = Message();

    /// <summary>Waits for its first packet without taking it.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False when it has left, or wants what only the primary that it had could do: to cancel a query.</returns>
    public async Task<bool> IsWorthWaitingAsync(CancellationToken cancellationToken)
    {
        var header = new byte[HeaderLength];
        try
        {
            while (true)
            {
                var length = await client.ReceiveAsync(header, SocketFlags.Peek, cancellationToken).ConfigureAwait(false);
                if (length is 0 or HeaderLength)
                {
                    return length > 0 && BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(sizeof(int))) != CancelRequest;
                }

                // A part of a packet: the rest is on its way.
                await Task.Delay(TimeSpan.FromMilliseconds(10), time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    /// <summary>Goes through the handshake up to its end.</summary>
    /// <returns>When said, or when the client does not go on.</returns>
    public async Task SendAsync()
    {
        using var limit = new CancellationTokenSource(Limit, time);
        for (var request = 0; request < MostRequests; request++)
        {
            switch (await ReadAsync(limit.Token).ConfigureAwait(false))
            {
                case SslRequest or GssEncRequest:
                    await client.SendAsync("N"u8.ToArray(), limit.Token).ConfigureAwait(false);
                    break;
                case null:
                    return;
                default:
                    await client.SendAsync(Refusal, limit.Token).ConfigureAwait(false);
                    client.Shutdown(SocketShutdown.Send);
                    return;
            }
        }
    }

    private static byte[] Message()
    {
        var fields = Encoding.UTF8.GetBytes(
            "SFATAL\0VFATAL\0C57P03\0Mthere is no primary at the moment\0"
            + "HTry again: another one is being elected, or the cluster is being set up. \"stolon ctl explain\" tells why.\0\0");
        var message = new byte[1 + sizeof(int) + fields.Length];
        message[0] = (byte)'E';
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), sizeof(int) + fields.Length);
        fields.CopyTo(message, 1 + sizeof(int));
        return message;
    }

    /// <summary>Takes one packet.</summary>
    /// <returns>What it asks for; null when it is none that PostgreSQL would understand.</returns>
    private async Task<int?> ReadAsync(CancellationToken cancellationToken)
    {
        var header = new byte[HeaderLength];
        if (!await FillAsync(header, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        var rest = BinaryPrimitives.ReadInt32BigEndian(header) - HeaderLength;
        return rest is >= 0 and <= LongestPacket && await FillAsync(new byte[rest], cancellationToken).ConfigureAwait(false)
            ? BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(sizeof(int)))
            : null;
    }

    private async Task<bool> FillAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (!buffer.IsEmpty)
        {
            var length = await client.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (length == 0)
            {
                return false;
            }

            buffer = buffer[length..];
        }

        return true;
    }
}
