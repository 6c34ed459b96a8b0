using Stolon.Cluster;
using Stolon.Hosting.Keeper;
using Stolon.Hosting.Postgres;

namespace Stolon.Hosting.DependencyInjection;

/// <summary>Makes the settings of one keeper from its options: defaults, passwords, and every check that needs a look at files.</summary>
/// <param name="clusterName">The cluster.</param>
/// <param name="passwordFolder">Where passwords that nobody gave are generated; null = they must be given.</param>
internal sealed class KeeperSettingsResolver(string clusterName, string? passwordFolder)
{
    private const string DefaultRunAsUser = "postgres";

    /// <summary>The file in the store's folder that holds the superuser's generated password.</summary>
    public const string SuperuserFile = "superuser.password";

    /// <summary>The file in the store's folder that holds the replication user's generated password.</summary>
    public const string ReplicationFile = "replication.password";

    /// <summary>Finds every mistake. Nothing is created.</summary>
    /// <param name="options">The options.</param>
    /// <returns>One sentence each, beginning with the option's name; no password is in them.</returns>
    public IEnumerable<string> FindMistakes(KeeperOptions options)
    {
        foreach (var mistake in KeeperOptionsRules.FindMistakes(options))
        {
            yield return mistake;
        }

        var superuser = GivenPassword.SuperuserOf(options).Read();
        var replication = GivenPassword.ReplicationOf(options).Read();
        foreach (var mistake in new[] { Mistake(superuser), HasOneUser(options) && superuser.Provider is not null ? null : Mistake(replication) }.OfType<string>())
        {
            yield return mistake;
        }

        if (HasOneUser(options) && superuser.Provider is null && superuser.Text != replication.Text)
        {
            yield return "ReplicationPassword: superuser and replication user are the same user, so both passwords must be the same.";
        }
    }

    /// <summary>What should be looked at, though the keeper can work with it (K2).</summary>
    /// <param name="options">The options, without mistakes.</param>
    /// <param name="isOnThisMachine">All roles run on this machine.</param>
    /// <returns>One sentence each.</returns>
    public static IEnumerable<string> FindWarnings(KeeperOptions options, bool isOnThisMachine)
    {
        foreach (var password in new[] { GivenPassword.SuperuserOf(options).Read(), GivenPassword.ReplicationOf(options).Read() })
        {
            if (password.WasTrimmed)
            {
                yield return $"{password.Who}Password: it ended with a line break, which was left out.";
            }

            if (password.File is { } file && PasswordFile.IsOpenToOthers(file))
            {
                yield return $"{password.Who}PasswordFile: others than its owner may read {file}; chmod 600 it.";
            }
        }

        var address = options.AdvertiseAddress ?? options.ListenAddress;
        if (!isOnThisMachine && IsLoopback(address))
        {
            yield return $"AdvertiseAddress: {address} is this host only; keepers and proxies on other hosts cannot reach this PostgreSQL.";
        }
    }

    /// <summary>Makes the settings; passwords that nobody gave are generated.</summary>
    /// <param name="options">The options, without mistakes.</param>
    /// <returns>The settings.</returns>
    public KeeperSettings Resolve(KeeperOptions options)
    {
        var superuser = Credentials(options.SuperuserName, GivenPassword.SuperuserOf(options).Read(), SuperuserFile, options.PasswordRefreshInterval);
        var replication = HasOneUser(options)
            ? (superuser.Credentials, Source: null)
            : Credentials(options.ReplicationName, GivenPassword.ReplicationOf(options).Read(), ReplicationFile, options.PasswordRefreshInterval);
        return new KeeperSettings
        {
            ClusterName = clusterName,
            Uid = options.Uid is { } uid ? new KeeperId(uid) : null,
            DataDirectory = Path.GetFullPath(options.DataDirectory),
            ListenAddress = options.ListenAddress.Trim(),
            Port = options.Port,
            AdvertiseAddress = (options.AdvertiseAddress ?? options.ListenAddress).Trim(),
            AdvertisePort = options.AdvertisePort ?? options.Port,
            LivenessPort = options.LivenessPort,
            BinDirectory = options.BinDirectory,
            RunAsUser = options.RunAsUser ?? (Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows() ? DefaultRunAsUser : null),
            PassEnvironment = [.. options.PassEnvironment],
            CopyMegabytesPerSecond = options.CopyMegabytesPerSecond,
            Superuser = superuser.Credentials,
            SuperuserSource = superuser.Source,
            Replication = replication.Credentials,
            ReplicationSource = replication.Source,
            CanBePrimary = options.CanBePrimary,
            CanBeSynchronousReplica = options.CanBeSynchronousReplica,
            LockDataDirectory = !options.DisableDataDirectoryLocking,
            LeaveTimeout = options.LeaveTimeout,
            FencesItself = !options.DisableSelfFencing,
        };
    }

    private static bool HasOneUser(KeeperOptions options) => options.SuperuserName == options.ReplicationName;

    private static bool IsLoopback(string address) =>
        address.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (System.Net.IPAddress.TryParse(address, out var ip) && System.Net.IPAddress.IsLoopback(ip));

    private string? Mistake(GivenPassword password) =>
        password.Mistake
        ?? (password.Ways.Count == 0 && !password.IsTrust && passwordFolder is null
            ? $"{password.Who}Password: missing; give it or {password.Who}PasswordFile. Only the embedded store generates one."
            : null);

    private (PostgresCredentials Credentials, PasswordSource? Source) Credentials(
        string name, GivenPassword password, string generatedFile, TimeSpan refreshInterval)
    {
        if (password.IsTrust)
        {
            return (new PostgresCredentials(name, password.Method, new RolePassword()), null);
        }

        if (password.Provider is { } provider)
        {
            var source = new PasswordSource($"{password.Who}PasswordProvider", provider, refreshInterval);
            return (new PostgresCredentials(name, password.Method, new RolePassword()), source);
        }

        var file = password.File ?? (password.Text is null ? Path.Combine(passwordFolder!, generatedFile) : null);
        var text = password.Text ?? PasswordFile.ReadOrCreate(file!);
        return (new PostgresCredentials(name, password.Method, text), file is null ? null : PasswordSource.OfFile(file));
    }
}
