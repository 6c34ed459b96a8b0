using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Stolon.Hosting.DependencyInjection;

/// <summary>What the options of one keeper must fulfil (K1, K2). No file is read here.</summary>
internal static partial class KeeperOptionsRules
{
    /// <summary>The authentication methods that can be asked for (Q17).</summary>
    public static readonly ImmutableArray<string> AuthMethods = ["scram-sha-256", "md5", "trust"];

    /// <summary>Finds every mistake.</summary>
    /// <param name="options">The options.</param>
    /// <returns>One sentence each, beginning with the option's name; no password is in them.</returns>
    public static IEnumerable<string> FindMistakes(KeeperOptions options)
    {
        if (options.Uid is { } uid && !KeeperUid().IsMatch(uid))
        {
            yield return $"Uid: \"{uid}\" may have only lower-case letters, digits and _.";
        }

        if (string.IsNullOrWhiteSpace(options.DataDirectory))
        {
            yield return "DataDirectory: missing; give the keeper a folder of its own.";
        }

        foreach (var mistake in Addresses(options).Concat(Users(options)))
        {
            yield return mistake;
        }
    }

    /// <summary>Finds what two keepers of one process may not share, beside the port.</summary>
    /// <param name="others">The keepers registered before.</param>
    /// <param name="options">The keeper to check.</param>
    /// <returns>One sentence each.</returns>
    public static IEnumerable<string> FindConflicts(IEnumerable<KeeperOptions> others, KeeperOptions options)
    {
        foreach (var other in others)
        {
            if (options.Uid is { } uid && other.Uid == uid)
            {
                yield return $"Uid: another keeper of this cluster has the uid \"{uid}\" already.";
            }

            if (!string.IsNullOrWhiteSpace(options.DataDirectory) && !string.IsNullOrWhiteSpace(other.DataDirectory)
                && Path.GetFullPath(options.DataDirectory) == Path.GetFullPath(other.DataDirectory))
            {
                yield return $"DataDirectory: another keeper uses {options.DataDirectory} already; each needs a folder of its own.";
            }
        }
    }

    /// <summary>Whether an address names no single host.</summary>
    /// <param name="address">A listen address.</param>
    /// <returns>True for wildcards and lists.</returns>
    public static bool IsWildcardOrList(string address) =>
        address.Contains(',', StringComparison.Ordinal) || address.Trim() is "*" or "0.0.0.0" or "::" or "";

    private static IEnumerable<string> Addresses(KeeperOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.ListenAddress))
        {
            yield return "ListenAddress: missing; give an address of this host, or * for all of them.";
        }
        else if (options.AdvertiseAddress is null && IsWildcardOrList(options.ListenAddress))
        {
            yield return $"AdvertiseAddress: missing; with the listen address \"{options.ListenAddress}\" "
                + "others must be told which address to use.";
        }

        if (options.AdvertiseAddress is { } advertised && IsWildcardOrList(advertised))
        {
            yield return $"AdvertiseAddress: \"{advertised}\" names no single host; give the one address that others reach this host at.";
        }

        if (!IsPort(options.Port))
        {
            yield return $"Port: {options.Port} is no port; give a number from 1 to 65535.";
        }

        if (options.AdvertisePort is { } port && !IsPort(port))
        {
            yield return $"AdvertisePort: {port} is no port; give a number from 1 to 65535.";
        }

        if (options.LivenessPort is < 0 or > 65535 || (options.LivenessPort > 0 && options.LivenessPort == options.Port))
        {
            yield return $"LivenessPort: {options.LivenessPort}; give a port of its own from 1 to 65535, or 0 for any free one.";
        }
    }

    private static IEnumerable<string> Users(KeeperOptions options)
    {
        if (options.RunAsUser is { } user && user != Environment.UserName && !Environment.IsPrivilegedProcess)
        {
            yield return $"RunAsUser: only root can run PostgreSQL as another user; leave it out or start this process as {user}.";
        }

        if (options.CopyMegabytesPerSecond is < 1 or > 1024)
        {
            yield return $"CopyMegabytesPerSecond: {options.CopyMegabytesPerSecond}; give 1 to 1024, or leave it out.";
        }

        foreach (var name in options.PassEnvironment.Where(name => !IsVariable(name)))
        {
            yield return $"PassEnvironment: \"{name}\" names no variable; give a name, or the beginning of one and *, without a value.";
        }

        if (options.LeaveTimeout != TimeSpan.Zero && (options.LeaveTimeout < TimeSpan.FromSeconds(1) || options.LeaveTimeout > TimeSpan.FromMinutes(5)))
        {
            yield return $"LeaveTimeout: {options.LeaveTimeout}; give 1 s to 5 min, or zero for none.";
        }

        if (options.PasswordRefreshInterval < TimeSpan.FromSeconds(1) || options.PasswordRefreshInterval > TimeSpan.FromHours(1))
        {
            yield return $"PasswordRefreshInterval: {options.PasswordRefreshInterval}; give 1 s to 1 h.";
        }

        var superuser = User("Superuser", options.SuperuserName, GivenPassword.SuperuserOf(options));
        var replication = User("Replication", options.ReplicationName, GivenPassword.ReplicationOf(options));
        foreach (var mistake in superuser.Concat(replication).Concat(OneUser(options)))
        {
            yield return mistake;
        }
    }

    private static IEnumerable<string> OneUser(KeeperOptions options)
    {
        if (options.SuperuserName != options.ReplicationName)
        {
            yield break;
        }

        if (options.SuperuserAuthMethod != options.ReplicationAuthMethod)
        {
            yield return "ReplicationAuthMethod: superuser and replication user are the same user, so both methods must be the same.";
        }

        if (options.ReplicationPasswordProvider is not null
            || (options.SuperuserPasswordProvider is not null && (options.ReplicationPassword ?? options.ReplicationPasswordFile) is not null))
        {
            yield return "ReplicationPassword: superuser and replication user are the same user; the SuperuserPasswordProvider alone is for both.";
        }
    }

    private static IEnumerable<string> User(string who, string name, GivenPassword given)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            yield return $"{who}Name: missing.";
        }

        if (given.Method.Length > 0 && !AuthMethods.Contains(given.Method))
        {
            yield return $"{who}AuthMethod: \"{given.Method}\" is unknown; give one of {string.Join(", ", AuthMethods)}.";
        }

        if (given.IsTrust && given.Ways.Count > 0)
        {
            yield return $"{who}Password: the method trust asks for no password; leave the password out, or use scram-sha-256.";
        }
        else if (given.Ways is [var first, _, ..] all)
        {
            yield return $"{first}: given together with {string.Join(" and ", all.Skip(1))}; give one of the {(all.Count == 2 ? "two" : "three")}.";
        }
    }

    private static bool IsVariable(string name) =>
        name.Length > 0 && name.AsSpan(0, name.Length - 1).IndexOfAny("=* ,") < 0 && name[^1] is not ('=' or ' ' or ',');

    private static bool IsPort(int port) => port is >= 1 and <= 65535;

    [GeneratedRegex("^[a-z0-9_]+$", RegexOptions.NonBacktracking)]
    private static partial Regex KeeperUid();
}
