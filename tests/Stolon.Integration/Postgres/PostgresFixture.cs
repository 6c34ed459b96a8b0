using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Stolon.Cluster;
using Stolon.Hosting.Postgres;
using Stolon.Postgres;
using Stolon.Tests;

namespace Stolon.Integration.Postgres;

/// <summary>A folder that PostgreSQL's user may enter, a free port, and instances in it; gone when disposed.</summary>
internal sealed class PostgresFixture : IAsyncDisposable
{
    private readonly List<PostgresInstance> instances = [];
    private PostgresBinaries? binaries;
    private bool isMounted;

    public PostgresFixture()
    {
        Folder = Directory.CreateTempSubdirectory("stolon-postgres-").FullName;
        Run("chmod", "755", Folder);
    }

    public string Folder { get; }

    public int Port { get; } = FreePort.Next();

    public IReadOnlyCollection<string> PassEnvironment { get; init; } = [];

    public ILogger Log { get; init; } = NullLogger.Instance;

    public string DataDirectory => Path.Combine(Folder, "keeper");

    public string PgData => Path.Combine(DataDirectory, "postgres");

    public static FileOwner Owner => FileOwner.Find(Environment.IsPrivilegedProcess ? "postgres" : null);

    /// <summary>One of PostgreSQL's programs.</summary>
    public string Program(string name) => Path.Combine(binaries!.Folder, name);

    /// <summary>The postmaster, as soon as it listens.</summary>
    public async Task<int> PostmasterAsync()
    {
        await Hosting.Eventually.Holds(() => PostmasterFile.Read(PgData) is { Listens: true });
        return PostmasterFile.Read(PgData)!.Value.Process;
    }

#pragma warning disable CA1416 // These tests run where PostgreSQL runs: on Linux.
    public static void SetMode(string path, UnixFileMode mode) => File.SetUnixFileMode(path, mode);
#pragma warning restore CA1416

    /// <summary>Puts a small disk of its own under the folder.</summary>
    public void MountSmallDisk(int megabytes)
    {
        Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=755", "tmpfs", Folder);
        isMounted = true;
    }

    /// <summary>Makes PGDATA a link, which cannot be exchanged.</summary>
    public void LinkPgData(string name)
    {
        Owner.CreateFolder(Path.Combine(DataDirectory, name));
        LinkFolder(PgData, Path.Combine(DataDirectory, name));
    }

    /// <summary>A link of PostgreSQL's user.</summary>
    public static void LinkFolder(string path, string target)
    {
        Directory.CreateSymbolicLink(path, target);
        Owner.Take(path);
    }

    /// <summary>Fills PGDATA with what looks complete.</summary>
    public void PretendData()
    {
        string[] parts =
        [
            "base", "global", "pg_dynshmem", "pg_logical", "pg_multixact", "pg_notify", "pg_replslot", "pg_serial", "pg_snapshots",
            "pg_stat", "pg_stat_tmp", "pg_subtrans", "pg_tblspc", "pg_twophase", "pg_wal", "pg_xact",
        ];
        foreach (var part in parts)
        {
            Owner.CreateFolder(Path.Combine(PgData, part));
        }

        Owner.Create(Path.Combine(PgData, "PG_VERSION"), "15\n"u8);
        Owner.Create(Path.Combine(PgData, "global", "pg_control"), []);
    }

    public async Task<PostgresInstance> OpenAsync(string password = "secret", string replicationPassword = "secret too", string? binDirectory = null)
    {
        var settings = new PostgresSettings
        {
            DataDirectory = DataDirectory,
            ListenAddress = "127.0.0.1",
            Port = Port,
            BinDirectory = binDirectory,
            RunAsUser = Environment.IsPrivilegedProcess ? "postgres" : null,
            PassEnvironment = PassEnvironment,
            Superuser = new PostgresCredentials("postgres", "scram-sha-256", password),
            Replication = new PostgresCredentials("replicator", "scram-sha-256", replicationPassword),
        };
        var instance = await PostgresInstance.OpenAsync(settings, TimeProvider.System, Log, TestContext.Current.CancellationToken);
        instances.Add(instance);
        binaries ??= await PostgresBinaries.FindAsync(null, PgData, Owner, TestContext.Current.CancellationToken);
        return instance;
    }

    /// <summary>Has the running instance do something, as its superuser.</summary>
    public async Task AskAsync(string command)
    {
        await using var source = NpgsqlDataSource.Create($"Host=127.0.0.1;Port={Port};Username=postgres;Password=secret;Database=postgres");
        await using var asked = source.CreateCommand(command);
        await asked.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Stops or continues its walreceiver: it stays connected, and flushes nothing.</summary>
    public async Task SignalWalReceiverAsync(string signal) =>
        Run("kill", $"-{signal}", await ReadAsync("select pid from pg_stat_wal_receiver"));

    /// <summary>The first value that it answers, as text.</summary>
    public async Task<string> ReadAsync(string question)
    {
        await using var source = NpgsqlDataSource.Create(Login("postgres", "secret"));
        await using var asked = source.CreateCommand(question);
        return (await asked.ExecuteScalarAsync(TestContext.Current.CancellationToken))!.ToString()!;
    }

    public string Login(string user, string password) =>
        $"Host=127.0.0.1;Port={Port};Username={user};Password={password};Database=postgres;Pooling=false";

    /// <summary>The names of the files in which a text stands.</summary>
    public string[] FilesWith(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return [.. new DirectoryInfo(DataDirectory).EnumerateFiles("*", SearchOption.AllDirectories)
            .Where(file => file.LinkTarget is null && !file.Name.StartsWith(".s.PGSQL", StringComparison.Ordinal))
            .Where(file => Read(file.FullName).AsSpan().IndexOf(bytes) >= 0)
            .Select(file => file.Name)];
    }

    /// <summary>A fresh cluster, stopped.</summary>
    public async Task<PostgresInstance> CreateAsync()
    {
        var instance = await OpenAsync();
        await instance.CreateAsync(new NewConfig(), Configuration(instance).Parameters, "c1", TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        return instance;
    }

    public ServerConfiguration Configuration(PostgresInstance instance)
    {
        var db = new DatabaseSpec { Keeper = new KeeperId("k1"), Role = Role.Primary };
        var parameters = Parameters.For(db, new ServerSettings
        {
            Version = instance.Version,
            ListenAddress = "127.0.0.1",
            Port = Port,
            SocketDirectory = instance.SocketDirectory,
            LogDirectory = instance.LogDirectory,
            AuthMethod = "scram-sha-256",
        });
        var hba = HbaRules.For(new HbaSettings { Superuser = new PostgresUser("postgres"), Replication = new PostgresUser("replicator"), AuthMethod = "scram-sha-256" });
        return new ServerConfiguration(parameters, hba, RecoverySignal.None);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in instances)
        {
            await instance.StopAsync(StopMode.Kill, TimeSpan.FromSeconds(10), CancellationToken.None);
            await instance.DisposeAsync();
        }

        if (isMounted)
        {
            Run("umount", "-l", Folder);
        }

        Directory.Delete(Folder, recursive: true);
    }

    private static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.Should().Be(0, error);
    }
}
