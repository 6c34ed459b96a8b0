using System.Net;
using System.Net.Sockets;
using Stolon.Routing;

namespace Stolon.Hosting.Proxy;

/// <summary>Turns the primary's address of the document into one to connect to, within a limit.</summary>
/// <param name="limit">How long the name service may take.</param>
/// <param name="time">The clock of the limit.</param>
internal sealed class AddressResolver(TimeSpan limit, TimeProvider time)
{
    private IPEndPoint? last;

    /// <summary>Resolves an address.</summary>
    /// <param name="address">An IP address or a host name, and a port.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The address to connect to, or what is wrong.</returns>
    public async Task<(IPEndPoint? EndPoint, string Problem)> ResolveAsync(
        PrimaryAddress address, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(address.Host, out var literal))
        {
            return (new IPEndPoint(literal, address.Port), "");
        }

        try
        {
            // The call may ignore its token while the system resolves, so the wait has the limit.
            var found = await Dns.GetHostAddressesAsync(address.Host, cancellationToken)
                .WaitAsync(limit, time, cancellationToken).ConfigureAwait(false);
            return found.Length == 0 ? (null, "the name has no address") : (Choose(found, address.Port), "");
        }
        catch (SocketException problem)
        {
            return (null, problem.Message);
        }
        catch (ArgumentException)
        {
            return (null, "this is no host name");
        }
        catch (TimeoutException)
        {
            return (null, $"the name service did not answer within {limit.TotalSeconds} s");
        }
    }

    /// <summary>A name service may list addresses in changing order: the one in use stays while it is listed.</summary>
    private IPEndPoint Choose(IPAddress[] found, int port)
    {
        if (last is null || last.Port != port || !found.Contains(last.Address))
        {
            // Servers listen on IPv4 far more often than on both.
            var address = Array.Find(found, candidate => candidate.AddressFamily == AddressFamily.InterNetwork) ?? found[0];
            last = new IPEndPoint(address, port);
        }

        return last;
    }
}
