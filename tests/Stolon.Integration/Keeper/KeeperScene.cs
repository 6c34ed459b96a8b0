using Microsoft.Extensions.Time.Testing;
using Stolon.Cluster;
using Stolon.Hosting.Keeper;
using Stolon.Hosting.Stores;
using Stolon.Integration.Hosting;
using Stolon.Postgres;

namespace Stolon.Integration.Keeper;

/// <summary>The loops of keeper_db1 over an instance that is not there, a store in memory and a clock that the test moves.</summary>
internal sealed class KeeperScene : IAsyncDisposable
{
    public static readonly KeeperId Self = new("keeper_db1");
    public static readonly DbId Db1 = new("db1");

    private readonly string folder = Directory.CreateTempSubdirectory("stolon-loops-").FullName;
    private readonly CancellationTokenSource ending = new();
    private readonly KeeperDirectory directory;
    private Task running = Task.CompletedTask;

    public KeeperScene()
    {
        Store = new TamperedStore(new InMemoryClusterStore(Time));
        directory = KeeperDirectory.Open(folder, runAsUser: null);
        directory.Identify(Self, () => "never");
        Memory = new KeeperMemory(Self, new KeeperMetrics("orders", Self, Time, scope: null), Time);
        var db = A.Primary("db1");
        Document = A.Document(A.Spec with { FailInterval = TimeSpan.FromSeconds(10), SleepInterval = TimeSpan.FromSeconds(1) }, db with
        {
            Status = db.Status with { SystemId = "777" },
        });
        var keeper = Document.Keepers[Self];
        Document = Document with
        {
            Keepers = Document.Keepers.With(Self, keeper with { Status = keeper.Status with { BootUuid = Memory.BootUuid } }),
        };
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public TamperedStore Store { get; }

    public FakeInstance Instance { get; } = new();

    public KeeperMemory Memory { get; }

    public ListLogger<KeeperService> Log { get; } = new();

    /// <summary>What the document says when the loops start: db1 is the primary and needs nothing done.</summary>
    public ClusterData Document { get; private set; }

    public KeeperState KeeperState => directory.KeeperState;

    public DbState DbState => directory.DbState;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The data directory is this cluster's, and its db is db1.</summary>
    public KeeperScene WithItsData(long generation = 2)
    {
        directory.Write(directory.KeeperState with { ClusterUid = Document.Cluster.Uid });
        directory.Write(directory.DbState with { Uid = Db1, Generation = generation, PrimaryTimelines = [1, 2] });
        return this;
    }

    public KeeperScene WithDataOf(string clusterUid)
    {
        directory.Write(directory.KeeperState with { ClusterUid = clusterUid });
        return this;
    }

    public async Task StartAsync()
    {
        await Store.OverwriteAsync(Document, [], Cancel);
        var settings = new KeeperSettings
        {
            ClusterName = "orders",
            DataDirectory = folder,
            ListenAddress = "127.0.0.1",
            Port = 5433,
            AdvertiseAddress = "127.0.0.1",
            AdvertisePort = 5433,
            Superuser = new("postgres", "scram-sha-256", "secret"),
            Replication = new("replicator", "scram-sha-256", "secret"),
        };
        var passwords = new PasswordLoop(settings, directory.Passwords, Memory, Time, Log);
        running = new KeeperLoops(settings, Store, directory, Instance, passwords, Memory, Time, Time, Log).RunAsync(ending.Token);
    }

    /// <summary>Writes the next document.</summary>
    public async Task ChangeAsync(Func<ClusterData, ClusterData> change)
    {
        Document = change(Document);
        await Store.OverwriteAsync(Document, [], Cancel);
    }

    public Task ChangeDbAsync(Func<Database, Database> change) =>
        ChangeAsync(data => data with { Databases = data.Databases.With(Db1, change(data.Databases[Db1])) });

    public KeeperScene Before(Func<ClusterData, ClusterData> change)
    {
        Document = change(Document);
        return this;
    }

    public async Task UntilAsync(Func<bool> holds)
    {
        try
        {
            await Eventually.Holds(holds, Time);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Assert.Fail($"{exception.Message}\nDone: {string.Join(", ", Instance.Did.All)}\nTold:\n{string.Join('\n', Log.Lines)}");
        }
    }

    public Task PassAsync(double seconds) => Eventually.Passes(TimeSpan.FromSeconds(seconds), Time);

    public async Task<KeeperReport?> ReportAsync() => (await Store.ListReportsAsync(Cancel)).Keepers.FirstOrDefault(one => one.Uid == Self);

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await running;
        ending.Dispose();
        directory.Dispose();
        await Store.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    public static bool Has(ServerConfiguration configuration, string name, string value) => configuration.Parameters.Find(name) == value;
}
