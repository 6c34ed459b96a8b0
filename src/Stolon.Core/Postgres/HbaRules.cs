using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Stolon.Cluster;

namespace Stolon.Postgres;

/// <summary>What the lines of <c>pg_hba.conf</c> depend on.</summary>
public sealed record HbaSettings
{
    /// <summary>The superuser that keepers use.</summary>
    public required PostgresUser Superuser { get; init; }

    /// <summary>The user that standbys stream as.</summary>
    public required PostgresUser Replication { get; init; }

    /// <summary>The method where a user has none, and of the default lines (Q17): <see cref="ClusterSettings.AuthMethod"/>.</summary>
    public string AuthMethod { get; init; } = AuthMethods.Md5;

    /// <summary>Who may connect as these users: <see cref="ClusterSettings.DefaultSuReplAccessMode"/>.</summary>
    public AccessMode AccessMode { get; init; }

    /// <summary>The instance is a primary, or the one of a standby cluster that follows the outside (P1).</summary>
    public bool IsPrimaryType { get; init; }

    /// <summary>The reported listen addresses of the other dbs; unknown ones may be empty.</summary>
    public ImmutableArray<string> OtherAddresses { get; init; } = [];

    /// <summary>The operator's lines; null (not empty) = the default lines (H4).</summary>
    public ValueList<string>? PgHba { get; init; }

    /// <summary>Clients stay out (H5, S9).</summary>
    public bool InternalOnly { get; init; }

    /// <summary>The settings of a db of a document.</summary>
    /// <param name="data">The document.</param>
    /// <param name="db">The db.</param>
    /// <param name="superuser">The superuser.</param>
    /// <param name="replication">The replication user.</param>
    /// <param name="internalOnly">Clients stay out.</param>
    /// <returns>The settings.</returns>
    public static HbaSettings For(
        ClusterData data, Database db, PostgresUser superuser, PostgresUser replication, bool internalOnly)
    {
        var cluster = new ClusterSettings(data.Cluster.Spec);
        return new HbaSettings
        {
            Superuser = superuser,
            Replication = replication,
            AuthMethod = cluster.AuthMethod,
            AccessMode = cluster.DefaultSuReplAccessMode,
            IsPrimaryType = db.IsPrimaryType,
            OtherAddresses = [.. data.Databases.Values.Where(other => other.Uid != db.Uid).Select(other => other.Status.ListenAddress)],
            PgHba = db.Spec.PgHba,
            InternalOnly = internalOnly,
        };
    }
}

/// <summary>The lines of <c>pg_hba.conf</c>. Rules H1 to H5.</summary>
public static partial class HbaRules
{
    private static readonly ImmutableArray<string> Everywhere = ["0.0.0.0/0", "::0/0"];

    /// <summary>The lines, first match first.</summary>
    /// <param name="settings">What they depend on.</param>
    /// <returns>The lines.</returns>
    /// <remarks>
    /// Internal only (H5) is stricter than stolon: the superuser comes in through the local socket alone, because an application that connects
    /// as superuser is a client too. Other members come in for replication. <c>pg_rewind</c>, which needs the superuser, has to wait.
    /// </remarks>
    public static ValueList<string> For(HbaSettings settings)
    {
        var lines = ImmutableArray.CreateBuilder<string>();
        var (superuser, superuserMethod) = (Word(settings.Superuser.Name), settings.Superuser.AuthMethod ?? settings.AuthMethod);
        var (replication, replicationMethod) = (Word(settings.Replication.Name), settings.Replication.AuthMethod ?? settings.AuthMethod);
        lines.Add($"local postgres {superuser} {superuserMethod}");
        lines.Add($"local replication {replication} {replicationMethod}");
        foreach (var addresses in Addresses(settings))
        {
            lines.AddRange(addresses.Where(_ => !settings.InternalOnly).Select(address => $"host all {superuser} {address} {superuserMethod}"));
            lines.AddRange(addresses.Select(address => $"host replication {replication} {address} {replicationMethod}"));
        }

        if (!settings.InternalOnly)
        {
            lines.AddRange(settings.PgHba?.Items ?? [.. Everywhere.Select(address => $"host all all {address} {settings.AuthMethod}")]);
        }

        return new ValueList<string>(lines.ToImmutable());
    }

    /// <summary>From where the two users may come (H2, H3), in groups of lines.</summary>
    private static IEnumerable<ImmutableArray<string>> Addresses(HbaSettings settings) => settings switch
    {
        { AccessMode: AccessMode.All } => [Everywhere],
        { IsPrimaryType: true } => settings.OtherAddresses.Distinct().Order(StringComparer.Ordinal)
            .Select(Mask).OfType<string>().Select(address => ImmutableArray.Create(address)),
        _ => [],
    };

    /// <summary>One address with its mask, a host name as it is; null for what names no single host (Q13).</summary>
    private static string? Mask(string address)
    {
        if (IPAddress.TryParse(address, out var ip))
        {
            return ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)
                ? null
                : $"{ip}/{(ip.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32)}";
        }

        return HostName().IsMatch(address) ? Word(address) : null;
    }

    /// <summary>A name as PostgreSQL reads it back: in quotes where it would mean something else.</summary>
    private static string Word(string name)
    {
        if (ConfigFile.HasLineBreak(name))
        {
            throw new ArgumentException("a name in pg_hba.conf cannot hold a line break", nameof(name));
        }

        return PlainWord().IsMatch(name) && name is not ("all" or "sameuser" or "samerole" or "samegroup" or "samehost" or "samenet" or "replication")
            ? name
            : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    [GeneratedRegex(@"\A[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HostName();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.-]*\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PlainWord();
}
