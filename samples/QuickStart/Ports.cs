using System.Net;
using System.Net.Sockets;

namespace QuickStart;

/// <summary>Chooses ports.</summary>
internal static class Ports
{
    private const int First = 25432;

    /// <summary>The first free ports of this machine, from 25432.</summary>
    /// <param name="count">How many.</param>
    /// <returns>The ports, ascending.</returns>
    /// <exception cref="QuickStartException">There are not enough.</exception>
    public static int[] FirstFree(int count)
    {
        int[] ports = [.. Enumerable.Range(First, IPEndPoint.MaxPort - First + 1).Where(IsFree).Take(count)];
        return ports.Length == count ? ports : throw new QuickStartException($"There are no {count} free ports from {First} on.");
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
