using Npgsql;

namespace Stolon.Hosting.Client;

/// <summary>What to make of a connection string: pure, and the one place where it is decided.</summary>
/// <remarks>It is no record: its text would show the password.</remarks>
internal sealed class DataSourcePlan
{
    /// <summary>
    /// How long to try to connect to one of several hosts; Npgsql's own is 15 s. One that is dead and does not refuse costs a caller this long. It is
    /// left alone for one host: there is no other to turn to, and a proxy lets a client wait for 10 s while there is no primary.
    /// </summary>
    public const int ConnectSeconds = 5;

    /// <summary>
    /// How long it is believed of a host that it is primary, standby or away; Npgsql's own is 10 s. So long Npgsql would hand out connections to a former
    /// primary, and find no host at all once a failover has broken the connections of all proxies: an error that nobody tries again, since it does not count as
    /// transient. 0 = each connection is asked before it is handed out, which costs one exchange with the server.
    /// </summary>
    public const int RecheckSeconds = 0;

    /// <summary>How long a connection carries nothing before TCP asks whether the other side is there; Linux's own is 2 hours.</summary>
    public const int KeepAliveSeconds = 5;

    /// <summary>
    /// How long after an unanswered question TCP asks again; Linux's own is 75 s. Linux gives up after 9 questions, so that a dead host is noticed
    /// within 15 s.
    /// </summary>
    public const int KeepAliveIntervalSeconds = 1;

    private static readonly string[] KeepAliveKeywords = ["TCP Keepalive", "TCP Keepalive Time", "TCP Keepalive Interval"];

    private DataSourcePlan(string connectionString, bool hasSeveralHosts, TargetSessionAttributes main, TargetSessionAttributes standby)
    {
        ConnectionString = connectionString;
        HasSeveralHosts = hasSeveralHosts;
        Main = main;
        Standby = standby;
    }

    /// <summary>With the defaults filled in, and without Target Session Attributes, which Npgsql accepts in no data source.</summary>
    public string ConnectionString { get; }

    /// <summary>Whether there is a choice, so that the two sources differ.</summary>
    public bool HasSeveralHosts { get; }

    /// <summary>What the source itself asks of a server: to be the primary, unless the connection string says otherwise.</summary>
    public TargetSessionAttributes Main { get; }

    /// <summary>What the source for reads asks of a server.</summary>
    public TargetSessionAttributes Standby { get; }

    /// <summary>Fills in what a client of a cluster needs. What the connection string names stays, also where it equals Npgsql's own default.</summary>
    /// <param name="connectionString">The connection string, as it was given.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="ArgumentException">Npgsql does not understand the connection string.</exception>
    public static DataSourcePlan For(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        var named = settings.Keys.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var (main, standby) = Sessions(settings.TargetSessionAttributes);
        settings.TargetSessionAttributes = null;
        var hosts = settings.Host?.Split(',', StringSplitOptions.TrimEntries) ?? [];
        if (hosts.Length > 1)
        {
            FillInForSeveralHosts(settings, named);
        }

        // A socket file is on this machine, and takes no options of TCP.
        if (!named.Overlaps(KeepAliveKeywords) && !hosts.Any(IsSocketFile))
        {
            settings.TcpKeepAliveTime = KeepAliveSeconds;
            settings.TcpKeepAliveInterval = KeepAliveIntervalSeconds;
        }

        return new DataSourcePlan(settings.ConnectionString, hosts.Length > 1, main, standby);
    }

    /// <summary>Finds out whether Npgsql understands a connection string.</summary>
    /// <param name="connectionString">The connection string, as it was given.</param>
    /// <returns>What it does not understand, without any part that may belong to a password; null = it understands everything.</returns>
    public static string? FindMistake(string connectionString)
    {
        try
        {
            _ = new NpgsqlConnectionStringBuilder(connectionString);
            return null;
        }
        catch (ArgumentException exception)
        {
            // A word that is no keyword may be the rest of a password with a semicolon. Npgsql would show it.
            return exception.ParamName is { } keyword && new NpgsqlConnectionStringBuilder().ContainsKey(keyword)
                ? $"{keyword}: Npgsql does not understand its value"
                : "it has a keyword that Npgsql does not know; a value with a semicolon needs quotes";
        }
    }

    private static void FillInForSeveralHosts(NpgsqlConnectionStringBuilder settings, HashSet<string> named)
    {
        if (!named.Contains("Timeout"))
        {
            settings.Timeout = ConnectSeconds;
        }

        if (!named.Contains("Host Recheck Seconds"))
        {
            settings.HostRecheckSeconds = RecheckSeconds;
        }

        if (!named.Contains("Load Balance Hosts"))
        {
            settings.LoadBalanceHosts = true;
        }
    }

    /// <summary>
    /// The word of the connection string is what the source is asked for, so that one for the standbys leads there; without a word it leads to the primary.
    /// The source for reads prefers standbys, unless the word admits nothing else.
    /// </summary>
    private static (TargetSessionAttributes Main, TargetSessionAttributes Standby) Sessions(string? word) => word switch
    {
        "read-write" => (TargetSessionAttributes.ReadWrite, TargetSessionAttributes.PreferStandby),
        "standby" => (TargetSessionAttributes.Standby, TargetSessionAttributes.Standby),
        "read-only" => (TargetSessionAttributes.ReadOnly, TargetSessionAttributes.ReadOnly),
        "prefer-standby" => (TargetSessionAttributes.PreferStandby, TargetSessionAttributes.PreferStandby),
        "prefer-primary" => (TargetSessionAttributes.PreferPrimary, TargetSessionAttributes.PreferStandby),
        "any" => (TargetSessionAttributes.Any, TargetSessionAttributes.PreferStandby),
        _ => (TargetSessionAttributes.Primary, TargetSessionAttributes.PreferStandby),
    };

    private static bool IsSocketFile(string host) => host is ['/' or '@', ..];
}
