using System.Net;
using Microsoft.Extensions.Options;

namespace Stolon.AspNetCore;

/// <summary>Settings of the HTTP listener of this process: one for all its clusters and roles.</summary>
public sealed class HttpListenerOptions
{
    /// <summary>
    /// Where to listen: an IP address, the name of a host, or <c>*</c> or nothing for every address of this machine; then a colon and the
    /// port. Of a name with several addresses it is the first, IPv4 before IPv6. Port 0 = any free one, which the log names.
    /// </summary>
    /// <value>None by default; for example <c>127.0.0.1:9100</c>, <c>:9100</c> or <c>[::1]:9100</c>.</value>
    /// <remarks>Whoever reaches it can read names, addresses and numbers of the cluster, but no data and no secret, and can change nothing.</remarks>
    public string Address { get; set; } = "";

    /// <summary>What <see cref="Address"/> means.</summary>
    /// <returns>The end point, of which a name is still to be looked up; <see cref="IPAddress.IPv6Any"/> for every address; null when it is none.</returns>
    internal EndPoint? FindEndPoint()
    {
        var colon = Address.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(Address.AsSpan(colon + 1), out var port))
        {
            return null;
        }

        var host = Address[..colon];
        return host switch
        {
            "" or "*" => new IPEndPoint(IPAddress.IPv6Any, port),
            "localhost" => new IPEndPoint(IPAddress.Loopback, port),
            ['[', .. var inner, ']'] when IPAddress.TryParse(inner, out var address) => new IPEndPoint(address, port),
            _ when !host.Contains(':', StringComparison.Ordinal) && IPAddress.TryParse(host, out var address) => new IPEndPoint(address, port),
            _ when Uri.CheckHostName(host) == UriHostNameType.Dns => new DnsEndPoint(host, port),
            _ => null,
        };
    }
}

/// <summary>Checks <see cref="HttpListenerOptions"/> at start.</summary>
internal sealed class HttpListenerOptionsValidator : IValidateOptions<HttpListenerOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, HttpListenerOptions options) =>
        options.FindEndPoint() is not null
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(options.Address.Length == 0
                ? "HTTP listener: Address: missing; give one, for example 127.0.0.1:9100."
                : $"HTTP listener: Address: expected an IP address, the name of a host, * or nothing, a colon and a port, found \"{options.Address}\".");
}
