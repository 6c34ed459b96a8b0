using System.Buffers;
using System.Net.Sockets;

namespace Stolon.Hosting.Proxy;

/// <summary>Looks at bytes that are on their way.</summary>
/// <param name="bytes">The bytes.</param>
internal delegate void ReadOnlySpanLook(ReadOnlySpan<byte> bytes);

/// <summary>How the transport of one direction ended.</summary>
internal enum PumpEnd
{
    /// <summary>The sender closed its direction, and the receiver was told so.</summary>
    EndOfStream,

    /// <summary>The deadline passed, or the route changed.</summary>
    Forbidden,
}

/// <summary>
/// Moves the bytes of one direction of a connection. It holds a buffer only while there is something to move, and asks right before each
/// send whether forwarding is still allowed. Both sockets must be non-blocking.
/// </summary>
/// <param name="from">The sender's socket.</param>
/// <param name="to">The receiver's socket.</param>
/// <param name="epoch">Whether forwarding is allowed.</param>
/// <param name="time">The clock of <see cref="Pause"/>.</param>
/// <param name="look">Is shown what was read.</param>
internal sealed class Pump(Socket from, Socket to, RouteEpoch epoch, TimeProvider time, ReadOnlySpanLook? look = null)
{
    private const int BufferBytes = 16 * 1024;

    /// <summary>Reads in a row before others get their turn on this thread.</summary>
    private const int ReadsInARow = 16;

    private int start;
    private int count;

    private enum Step
    {
        Drained,
        Blocked,
        Unfinished,
        EndOfStream,
        Forbidden,
    }

    /// <summary>Moves bytes until the sender has no more, or it is no longer allowed.</summary>
    /// <returns>How it ended.</returns>
    /// <exception cref="SocketException">One of the two sides is gone.</exception>
    /// <exception cref="ObjectDisposedException">The connection was closed meanwhile.</exception>
    public async Task<PumpEnd> RunAsync()
    {
        using var pause = new Pause(time);
        while (true)
        {
            // Zero bytes: waits until there is something to read, without a buffer.
            await from.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None).ConfigureAwait(false);
            switch (await MoveAsync(pause).ConfigureAwait(false))
            {
                case Step.EndOfStream when epoch.MayForward:
                    to.Shutdown(SocketShutdown.Send);
                    return PumpEnd.EndOfStream;
                case Step.EndOfStream or Step.Forbidden:
                    return PumpEnd.Forbidden;
            }
        }
    }

    /// <summary>Moves what is there.</summary>
    private async ValueTask<Step> MoveAsync(Pause pause)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (true)
            {
                switch (Try(buffer, pause))
                {
                    case Step.Blocked:
                        await pause.WaitAsync().ConfigureAwait(false);
                        break;
                    case Step.Unfinished:
                        await Task.Yield();
                        break;
                    case var end:
                        return end;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads and sends without ever waiting.</summary>
    private Step Try(byte[] buffer, Pause pause)
    {
        for (var reads = 0; reads < ReadsInARow; reads++)
        {
            if (count == 0)
            {
                var received = from.Receive(buffer, 0, BufferBytes, SocketFlags.None, out var problem);
                if (problem == SocketError.WouldBlock)
                {
                    return Step.Drained;
                }

                ThrowIf(problem);
                if (received == 0)
                {
                    return Step.EndOfStream;
                }

                (start, count) = (0, received);
                look?.Invoke(buffer.AsSpan(0, received));
            }

            while (count > 0)
            {
                if (!epoch.MayForward)
                {
                    return Step.Forbidden;
                }

                var sent = to.Send(buffer, start, count, SocketFlags.None, out var problem);
                if (problem == SocketError.WouldBlock)
                {
                    return Step.Blocked;
                }

                ThrowIf(problem);
                (start, count) = (start + sent, count - sent);
            }

            pause.Reset();
        }

        return Step.Unfinished;
    }

    private static void ThrowIf(SocketError problem)
    {
        if (problem != SocketError.Success)
        {
            throw new SocketException((int)problem);
        }
    }
}
