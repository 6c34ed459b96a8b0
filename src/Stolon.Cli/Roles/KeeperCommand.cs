using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Stolon.Cli.Options;
using Stolon.Hosting;

namespace Stolon.Cli.Roles;

/// <summary><c>stolon keeper</c>.</summary>
internal sealed class KeeperCommand
{
    private const int MaxPort = 65535;
    private static readonly string[] AuthMethods = ["scram-sha-256", "md5", "trust"];

    private readonly StoreFlags store = new();
    private readonly LogFlags log = new();
    private readonly Option<string?> uid = Flag.Text("--uid", "The keeper's name: lower-case letters, digits, _ (default: generated, and kept in the data directory).", "NAME");
    private readonly Option<string?> dataDir = Flag.Text("--data-dir", "The keeper's own folder; required.", "FOLDER");
    private readonly Option<string?> listen = Flag.Text("--pg-listen-address", "What PostgreSQL listens on: an address, or * with --pg-advertise-address; required.", "ADDRESS");
    private readonly Option<int?> port = Flag.Number("--pg-port", "PostgreSQL's port (default 5432).", 1, MaxPort);
    private readonly Option<string?> advertise = Flag.Text("--pg-advertise-address", "Where others reach this PostgreSQL (default: --pg-listen-address).", "ADDRESS");
    private readonly Option<int?> advertisePort = Flag.Number("--pg-advertise-port", "The port where others reach it (default: --pg-port).", 1, MaxPort);
    private readonly Option<string?> binPath = Flag.Text("--pg-bin-path", "The folder of PostgreSQL's programs (default: PATH and the usual places).", "FOLDER");
    private readonly Option<string?> suName = Flag.Text("--pg-su-username", "PostgreSQL's superuser (default: the user that PostgreSQL runs as).", "NAME");
    private readonly Option<string?> suPassword = Flag.Text("--pg-su-password", "Its password. Others can see it in ps: better give STKEEPER_PG_SU_PASSWORD or the file.");
    private readonly Option<string?> suPasswordFile = Flag.Text("--pg-su-passwordfile", "A file with its password.", "FILE");
    private readonly Option<string?> suMethod = Flag.Choice("--pg-su-auth-method", "How it proves who it is (default: what the cluster says).", null, AuthMethods);
    private readonly Option<string?> replName = Flag.Text("--pg-repl-username", "PostgreSQL's user for replication; required.", "NAME");
    private readonly Option<string?> replPassword = Flag.Text("--pg-repl-password", "Its password. Others can see it in ps: better give STKEEPER_PG_REPL_PASSWORD or the file.");
    private readonly Option<string?> replPasswordFile = Flag.Text("--pg-repl-passwordfile", "A file with its password.", "FILE");
    private readonly Option<string?> replMethod = Flag.Choice("--pg-repl-auth-method", "How it proves who it is (default: what the cluster says).", null, AuthMethods);
    private readonly Option<bool> canBeMaster = Flag.Switch("--can-be-master", "This keeper may hold the primary (default true).", fallback: true);
    private readonly Option<bool> canBeSync = Flag.Switch("--can-be-synchronous-replica", "This keeper may be a synchronous standby (default true).", fallback: true);
    private readonly Option<bool> noLock = Flag.Switch("--disable-data-dir-locking", "Do not lock the data directory: only for file systems without locks.");

    private readonly Option<string?> passEnvironment = Flag.Text("--pass-environment", "Further variables that PostgreSQL is given: names, or beginnings and *, with commas.", "NAMES");

    private readonly Option<int?> livenessPort = Flag.Number("--liveness-port", "The port at which others find out whether this keeper lives (default 0: any free one).", 0, MaxPort);

    private readonly Option<int?> copyRate = Flag.Number("--copy-max-rate", "The most that a copy reads from the primary, in MB for each second (default: no limit).", 1, 1024);

    private readonly Option<int?> leave = Flag.Number("--leave-timeout", "Seconds that SIGTERM waits for another keeper to take the primary over (default 10; 0: not at all).", 0, 300);

    /// <summary>Makes the command.</summary>
    /// <returns>The command.</returns>
    public Command Create()
    {
        var command = new Command("keeper", "Drives one PostgreSQL.")
        {
            uid, dataDir, listen, port, advertise, advertisePort, binPath, suName, suPassword, suPasswordFile, suMethod,
            replName, replPassword, replPasswordFile, replMethod, canBeMaster, canBeSync, noLock, passEnvironment, copyRate, livenessPort, leave,
        };
        store.AddTo(command);
        log.AddTo(command);
        command.SetAction((parsed, _) => RunAsync(parsed));
        return command;
    }

    /// <summary>Reads the flags.</summary>
    /// <param name="parsed">The arguments.</param>
    /// <returns>What sets the options of the library.</returns>
    /// <exception cref="CommandException">A required flag is missing.</exception>
    public Action<KeeperOptions> Read(ParseResult parsed)
    {
        var folder = parsed.Required(dataDir);
        var address = parsed.Required(listen);
        var replication = parsed.Required(replName);
        return options =>
        {
            options.Uid = parsed.GetValue(uid);
            options.DataDirectory = folder;
            options.ListenAddress = address;
            options.Port = parsed.GetValue(port) ?? options.Port;
            options.AdvertiseAddress = parsed.GetValue(advertise);
            options.AdvertisePort = parsed.GetValue(advertisePort);
            options.BinDirectory = parsed.GetValue(binPath);
            options.SuperuserName = parsed.GetValue(suName) ?? DefaultSuperuser(options.SuperuserName);
            options.SuperuserPassword = parsed.GetValue(suPassword);
            options.SuperuserPasswordFile = parsed.GetValue(suPasswordFile);
            options.SuperuserAuthMethod = parsed.GetValue(suMethod);
            options.ReplicationName = replication;
            options.ReplicationPassword = parsed.GetValue(replPassword);
            options.ReplicationPasswordFile = parsed.GetValue(replPasswordFile);
            options.ReplicationAuthMethod = parsed.GetValue(replMethod);
            options.CanBePrimary = parsed.GetValue(canBeMaster);
            options.CanBeSynchronousReplica = parsed.GetValue(canBeSync);
            options.DisableDataDirectoryLocking = parsed.GetValue(noLock);
            options.LivenessPort = parsed.GetValue(livenessPort) ?? options.LivenessPort;
            options.CopyMegabytesPerSecond = parsed.GetValue(copyRate);
            options.LeaveTimeout = parsed.GetValue(leave) is { } seconds ? TimeSpan.FromSeconds(seconds) : options.LeaveTimeout;
            foreach (var name in (parsed.GetValue(passEnvironment) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                options.PassEnvironment.Add(name);
            }
        };
    }

    /// <summary>K1: the user that PostgreSQL runs as, which is this process's own unless it is root.</summary>
    private static string DefaultSuperuser(string asRoot) =>
        Environment.IsPrivilegedProcess || Environment.UserName.Length == 0 ? asRoot : Environment.UserName;

    private Task<int> RunAsync(ParseResult parsed)
    {
        var (where, said, configure) = (store.Read(parsed), log.Read(parsed), Read(parsed));
        Secrets.Forget(parsed, suPassword, replPassword);
        return RoleHost.RunAsync("keeper", where, said, cluster => cluster.AddKeeper(configure));
    }
}
