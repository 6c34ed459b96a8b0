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

        var superuser = Superuser(options);
        var replication = Replication(options);
        foreach (var mistake in new[] { Mistake(superuser), Mistake(replication) }.OfType<string>())
        {
            yield return mistake;
        }

        if (options.SuperuserName == options.ReplicationName && superuser.Text != replication.Text)
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
        foreach (var password in new[] { Superuser(options), Replication(options) })
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
    public KeeperSettings Resolve(KeeperOptions options) => new()
    {
        ClusterName = clusterName,
        Uid = options.Uid is { } uid ? new KeeperId(uid) : null,
        DataDirectory = Path.GetFullPath(options.DataDirectory),
        ListenAddress = options.ListenAddress.Trim(),
        Port = options.Port,
        AdvertiseAddress = (options.AdvertiseAddress ?? options.ListenAddress).Trim(),
        AdvertisePort = options.AdvertisePort ?? options.Port,
        BinDirectory = options.BinDirectory,
        RunAsUser = options.RunAsUser ?? (Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows() ? DefaultRunAsUser : null),
        PassEnvironment = [.. options.PassEnvironment],
        CopyMegabytesPerSecond = options.CopyMegabytesPerSecond,
        Superuser = Credentials(options.SuperuserName, Superuser(options), SuperuserFile),
        Replication = Credentials(
            options.ReplicationName,
            Replication(options),
            options.ReplicationName == options.SuperuserName ? SuperuserFile : ReplicationFile),
        CanBePrimary = options.CanBePrimary,
        CanBeSynchronousReplica = options.CanBeSynchronousReplica,
        LockDataDirectory = !options.DisableDataDirectoryLocking,
        FencesItself = !options.DisableSelfFencing,
    };

    private static GivenPassword Superuser(KeeperOptions options) =>
        GivenPassword.Read("Superuser", options.SuperuserAuthMethod, options.SuperuserPassword, options.SuperuserPasswordFile);

    private static GivenPassword Replication(KeeperOptions options) =>
        GivenPassword.Read("Replication", options.ReplicationAuthMethod, options.ReplicationPassword, options.ReplicationPasswordFile);

    private static bool IsLoopback(string address) =>
        address.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (System.Net.IPAddress.TryParse(address, out var ip) && System.Net.IPAddress.IsLoopback(ip));

    private string? Mistake(GivenPassword password) =>
        password.Mistake
        ?? (password.Text is null && !password.IsTrust && passwordFolder is null
            ? $"{password.Who}Password: missing; give it or {password.Who}PasswordFile. Only the embedded store generates one."
            : null);

    private PostgresCredentials Credentials(string name, GivenPassword password, string generatedFile)
    {
        if (password.IsTrust)
        {
            return new PostgresCredentials(name, password.Method, null);
        }

        var text = password.Text ?? PasswordFile.ReadOrCreate(Path.Combine(passwordFolder!, generatedFile));
        return new PostgresCredentials(name, password.Method, text);
    }

    /// <summary>A password as the options give it.</summary>
    private sealed record GivenPassword(string Who, string Method, string? Text, string? File, bool WasTrimmed, string? Mistake)
    {
        public bool IsTrust => Method == "trust";

        public static GivenPassword Read(string who, string? method, string? text, string? file)
        {
            var given = new GivenPassword(who, method ?? "", null, null, false, null);
            if (given.IsTrust || (text is null && file is null))
            {
                return given;
            }

            if (text is null)
            {
                try
                {
                    text = System.IO.File.ReadAllText(file!);
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
                {
                    return given with { Mistake = $"{who}PasswordFile: {file} cannot be read: {exception.Message}" };
                }
            }

            var trimmed = text.TrimEnd('\r', '\n');
            return trimmed.Length == 0
                ? given with { Mistake = $"{who}Password: it is empty." }
                : given with { Text = trimmed, File = file, WasTrimmed = trimmed.Length < text.Length };
        }

        // No password in logs, whoever prints this (S11).
        public override string ToString() => $"password of {Who}";
    }
}
