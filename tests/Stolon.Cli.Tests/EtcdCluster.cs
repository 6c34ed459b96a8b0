using Npgsql;
using Stolon.Cli.Tests.WholeCluster;
using Stolon.Stores.Tests;
using Stolon.Tests;

namespace Stolon.Cli.Tests;

/// <summary>
/// A whole cluster over an etcd of its own, for tests of a class that take etcd away: two keepers that replicate synchronously, one with
/// its passwords from files, a sentinel that makes the cluster, a proxy that answers over HTTP.
/// </summary>
/// <param name="members">How many members etcd has.</param>
public abstract class EtcdCluster(int members) : IAsyncLifetime
{
    private StolonCluster cluster = null!;

    internal EtcdServer Etcd { get; private set; } = null!;

    internal int HttpPort { get; } = FreePort.Next();

    /// <summary>All that the processes have logged, at level debug.</summary>
    internal string Said => cluster.Said;

    internal string KeeperFolder(int number) => cluster.KeeperFolder(number);

    public async ValueTask InitializeAsync()
    {
        Etcd = await EtcdServer.StartAsync(members);
        cluster = new StolonCluster(Etcd, "orders");
        cluster.StartSentinel(more: ["--initial-cluster-spec", """{"initMode": "new", "synchronousReplication": true}"""]);
        cluster.StartKeeper(1, passwordFiles: true);
        cluster.StartKeeper(2);
        cluster.StartProxy("--metrics-listen-address", $"127.0.0.1:{HttpPort}");
        await cluster.WritableAsync();
        await cluster.AskAsync("create table t (n serial)");
    }

    public async ValueTask DisposeAsync()
    {
        await cluster.DisposeAsync();
        await Etcd.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    internal Task<Answer> CtlAsync(params string[] args) => cluster.CtlAsync(args);

    internal Task<int> PrimaryAsync() => cluster.PrimaryAsync();

    internal Task<NpgsqlConnection> ConnectAsync() => cluster.ConnectAsync();

    internal Task WritableAsync() => cluster.WritableAsync();
}
