using System.Net;
using System.Net.Sockets;
using Stolon.Cluster;
using Stolon.Hosting.Liveness;
using Stolon.Hosting.Stores;
using Stolon.Hosting.Time;
using Stolon.Integration.Hosting;

namespace Stolon.Integration.Liveness;

/// <summary>A keeper's ports, real ones, and a witness that observes them. What stands for PostgreSQL only accepts.</summary>
internal sealed class WitnessScene : IAsyncDisposable
{
    public static readonly TimeSpan SleepInterval = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource end = new();
    private readonly InMemoryClusterStore store = new(TimeProvider.System);
    private Task witnessing = Task.CompletedTask;
    private readonly string uid;
    private Witness? witness;
    private int publications;
    private int told;

    public WitnessScene(string answersAs = "boot1", bool isProxy = false)
    {
        Store = new TamperedStore(store);
        uid = isProxy ? "boot1" : "k1";
        Port = Open(answersAs);
        Postgres = Listen(0);
        PostgresPort = ((IPEndPoint)Postgres.LocalEndPoint!).Port;
        Findings = new Findings(() => Interlocked.Increment(ref told));
        var address = new DnsEndPoint("127.0.0.1", Port.EndPoint.Port);
        Subject = isProxy
            ? new Subject(uid, IsProxy: true, "boot1", address, null)
            : new Subject(uid, IsProxy: false, "boot1", address, new DnsEndPoint("127.0.0.1", PostgresPort));
    }

    public TamperedStore Store { get; }

    public Subject Subject { get; }

    public LivenessPort Port { get; private set; }

    public Socket Postgres { get; private set; }

    public int PostgresPort { get; }

    public Findings Findings { get; }

    /// <summary>How often there was something new to publish.</summary>
    public int Told => Volatile.Read(ref told);

    public int Broken { get; private set; }

    /// <summary>The observer's standby receives from the subject's PostgreSQL.</summary>
    public bool Streams { get; set; } = true;

    public Probe? Found => Findings.At(BootTimeProvider.Instance.Now()) is [var probe] ? probe : null;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async Task StartAsync()
    {
        await PublishAsync();
        witness = new Witness(
            Subject, Store, Findings, () => SleepInterval, () => Streams ? BootTimeProvider.Instance.Now() : null, () => Broken++, TimeProvider.System,
            BootTimeProvider.Instance, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        witnessing = witness.RunAsync(end.Token);
    }

    /// <summary>Waits until the witness is connected.</summary>
    public Task ConnectedAsync() => Eventually.Holds(() => witness is { IsConnected: true });

    /// <summary>What the subject publishes: its infoUID.</summary>
    public async Task<string> PublishAsync(string bootUuid = "boot1")
    {
        var infoUid = $"info{++publications}";
        await (Subject.IsProxy
            ? store.PublishAsync(new ProxyReport { InfoUid = infoUid, Uid = new(Subject.Uid) }, TimeSpan.FromMinutes(5), Cancel)
            : store.PublishAsync(new KeeperReport { InfoUid = infoUid, Uid = new(Subject.Uid), BootUuid = bootUuid }, TimeSpan.FromMinutes(5), Cancel));
        return infoUid;
    }

    public void Dies()
    {
        Postgres.Dispose();
        Port.Dispose();
    }

    /// <summary>The kernel accepts at the liveness port, and nobody answers.</summary>
    public IDisposable ListensSilently() => Listen(Port.EndPoint.Port);

    /// <summary>A process listens on the same ports again.</summary>
    public void Lives(string answersAs)
    {
        (Port, Postgres) = (Open(answersAs, Port.EndPoint.Port), Listen(PostgresPort));
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await witnessing;
        end.Dispose();
        Dies();
        await Store.DisposeAsync();
    }

    private LivenessPort Open(string bootUuid, int port = 0) =>
        LivenessPort.Open("127.0.0.1", port, uid, bootUuid, TimeProvider.System);

    private static Socket Listen(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        socket.Listen(16);
        return socket;
    }
}
