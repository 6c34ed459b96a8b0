using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;
using Stolon.Hosting.DependencyInjection;

namespace Stolon.Hosting;

/// <summary>
/// Settings of one proxy: the process part that accepts clients and forwards them to the primary. How often it looks and when it gives
/// up stand in the cluster's specification (<c>proxyCheckInterval</c>, <c>proxyTimeout</c>), not here.
/// </summary>
public sealed class ProxyOptions
{
    /// <summary>
    /// The address that clients connect to: an IP address, <c>localhost</c>, the name of a host, which is looked up once at the start, or
    /// <c>*</c> for every address of this machine.
    /// </summary>
    /// <value><c>127.0.0.1</c> by default: nothing is open to the network unless asked for.</value>
    [Required]
    public string ListenAddress { get; set; } = "127.0.0.1";

    /// <summary>The port that clients connect to; 0 = any free one, which the log names.</summary>
    /// <value>5432 by default; 0 to 65535.</value>
    [Range(0, 65535)]
    public int Port { get; set; } = 5432;

    /// <summary>
    /// Stop listening while the store is out of reach for longer than <c>proxyTimeout</c>, so that clients go elsewhere
    /// at once.
    /// </summary>
    /// <value>True by default. If false, clients are accepted and closed.</value>
    public bool StopListening { get; set; } = true;

    /// <summary>
    /// How many clients may be connected at once; a further one is closed at once. 0 = as many as the process may open
    /// files for.
    /// </summary>
    /// <value>0 by default; 0 to 1,000,000.</value>
    /// <remarks>Each client needs two files of the process's limit (<c>ulimit -n</c>), of which a tenth, and at least
    /// 100, are left to others.</remarks>
    [Range(0, 1_000_000)]
    public int MaxConnections { get; set; }

    /// <summary>
    /// How long a client that connects while there is no primary, or while it cannot be reached, waits for one, unanswered. When none appears it gets an error of PostgreSQL's
    /// protocol, <c>57P03</c>. Zero = it is closed at once.
    /// </summary>
    /// <value>10 s by default; 0 to 1 minute. A failover by silence takes about failInterval, 10 seconds with our defaults.</value>
    /// <remarks>A proxy that has lost the store lets nobody wait. The time-out of clients for connecting should be longer: it is 15 seconds in Npgsql.</remarks>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan HoldTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The port at which keepers find out whether this proxy lives, so that one that died delays no failover. It says who answers and nothing else.
    /// </summary>
    /// <value>0 by default: any free one; 0 to 65535. Give one where a firewall stands between the hosts.</value>
    [Range(0, 65535)]
    public int LivenessPort { get; set; }

    /// <summary>The address of this host that keepers reach the <see cref="LivenessPort"/> at, which is bound to it.</summary>
    /// <value>
    /// Null by default: the <see cref="ListenAddress"/>; where that is <c>*</c> or a name, every address is bound and the one that faces the
    /// primary is reported. A proxy on <c>127.0.0.1</c> is observed only from its own host, unless it is given.
    /// </value>
    public string? LivenessAddress { get; set; }

    /// <summary>How long a connection to the primary may take to be made.</summary>
    /// <value>5 seconds by default; 100 ms to 1 minute.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the name service may take to resolve a host name: the primary's, or that of <see cref="ListenAddress"/>.</summary>
    /// <value>2 seconds by default; 100 ms to 1 minute.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan ResolveTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>After how long without traffic TCP asks whether the other side is still there. Whole seconds.</summary>
    /// <value>30 seconds by default; 1 second to 2 hours.</value>
    [Range(typeof(TimeSpan), "00:00:01", "02:00:00")]
    public TimeSpan KeepAliveIdle { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long TCP waits between two such questions. Whole seconds.</summary>
    /// <value>10 seconds by default; 1 second to 10 minutes.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many unanswered questions end a connection.</summary>
    /// <value>3 by default; 1 to 100.</value>
    [Range(1, 100)]
    public int KeepAliveCount { get; set; } = 3;

    /// <summary>
    /// How long sent bytes may wait for the other side before TCP gives the connection up (Linux:
    /// <c>TCP_USER_TIMEOUT</c>); zero = the system's limit.
    /// </summary>
    /// <value>5 minutes by default; 0 to 1 hour.</value>
    /// <remarks>It also ends a connection whose other side lives but has not read anything for so long, while there
    /// was something to read.</remarks>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan UserTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The local address that <see cref="ListenAddress"/> means, or null when it has to be looked up.</summary>
    /// <returns>The address; <see cref="IPAddress.IPv6Any"/> for <c>*</c>.</returns>
    internal IPAddress? FindListenAddress() => ListenAddress switch
    {
        "*" => IPAddress.IPv6Any,
        "localhost" => IPAddress.Loopback,
        _ => IPAddress.TryParse(ListenAddress, out var address) ? address : null,
    };
}

/// <summary>Checks each field of <see cref="ProxyOptions"/> by itself.</summary>
[OptionsValidator]
internal sealed partial class ProxyOptionsValidator : IValidateOptions<ProxyOptions>;

/// <summary>Checks what the attributes of <see cref="ProxyOptions"/> cannot say.</summary>
internal sealed class ProxyOptionsRules : IValidateOptions<ProxyOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ProxyOptions options)
    {
        string[] mistakes = [.. FindMistakes(options)];
        return mistakes.Length > 0 ? ValidateOptionsResult.Fail(mistakes) : ValidateOptionsResult.Success;
    }

    private static IEnumerable<string> FindMistakes(ProxyOptions options)
    {
        if (options.FindListenAddress() is null && options.ListenAddress.Length > 0 && Uri.CheckHostName(options.ListenAddress) != UriHostNameType.Dns)
        {
            yield return $"ListenAddress: expected an IP address, the name of a host, or *, found \"{options.ListenAddress}\".";
        }

        if (options.LivenessAddress is { } address && (KeeperOptionsRules.IsWildcardOrList(address) || Uri.CheckHostName(address) == UriHostNameType.Unknown))
        {
            yield return $"LivenessAddress: expected the one IP address or name that keepers reach this host at, found \"{address}\".";
        }

        if (options.LivenessPort > 0 && options.LivenessPort == options.Port)
        {
            yield return $"LivenessPort: {options.LivenessPort} is the Port of the clients; give it one of its own, or 0 for any free one.";
        }
    }
}
