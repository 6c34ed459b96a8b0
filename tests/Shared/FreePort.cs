using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Stolon.Tests;

/// <summary>
/// Ports that nobody listens on, each given out once. They lie below those that the system gives to connections: what is found free
/// here is still free a moment later, when the program that shall have it starts.
/// </summary>
internal static class FreePort
{
    private const int First = 12000;
    private const int End = 32000;
    private const int MostTries = 1000;

    private static readonly HashSet<int> Given = [];

    /// <summary>A port.</summary>
    /// <returns>The port.</returns>
    public static int Next()
    {
        lock (Given)
        {
            for (var attempt = 0; attempt < MostTries; attempt++)
            {
                var port = RandomNumberGenerator.GetInt32(First, End);
                if (IsFree(port) && Given.Add(port))
                {
                    return port;
                }
            }
        }

        throw new InvalidOperationException($"There is no free port from {First} to {End}.");
    }

    /// <summary>Several ports.</summary>
    /// <param name="count">How many.</param>
    /// <returns>The ports.</returns>
    public static int[] Next(int count) => [.. Enumerable.Range(0, count).Select(_ => Next())];

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Any, port);
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
