using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using Stolon.Hosting;
using Stolon.Hosting.Proxy;
using Stolon.Hosting.Time;

namespace Stolon.Integration.Proxy;

/// <summary>A proxy in this process, on a free port, with a store of its own.</summary>
internal sealed class RunningProxy : ILogger, IAsyncDisposable
{
    public static readonly TimeSpan LongTimeout = TimeSpan.FromSeconds(30);

    public RunningProxy(TimeSpan? proxyTimeout = null, Action<ProxyOptions>? configure = null, string clusterName = "test")
    {
        var options = new ProxyOptions { Port = 0, HoldTimeout = TimeSpan.Zero };
        configure?.Invoke(options);
        Timeout = proxyTimeout ?? LongTimeout;
        Service = new ProxyService(Store, options, clusterName, TimeProvider.System, BootTimeProvider.Instance, this);
    }

    public TimeSpan Timeout { get; }

    public ScriptedStore Store { get; } = new();

    public ProxyService Service { get; }

    public IPEndPoint EndPoint { get; private set; } = new(IPAddress.Loopback, 0);

    public ConcurrentQueue<string> Log { get; } = [];

    /// <summary>Starts a proxy that forwards to a server.</summary>
    public static async Task<RunningProxy> ToAsync(
        EchoServer primary, TimeSpan? proxyTimeout = null, Action<ProxyOptions>? configure = null, string clusterName = "test")
    {
        var proxy = new RunningProxy(proxyTimeout, configure, clusterName);
        proxy.RouteTo(primary, 1);
        await proxy.StartAsync();
        await proxy.RoutesToAsync(primary);
        return proxy;
    }

    public async Task StartAsync()
    {
        await Service.StartAsync(TestContext.Current.CancellationToken);
        EndPoint = Service.ListeningOn!;
    }

    public void RouteTo(EchoServer primary, long generation, string db = "db1") =>
        Store.Document = Documents.Routed(generation, primary.EndPoint, Service.Id, Timeout, db);

    public void Close(long generation) => Store.Document = Documents.Closed(generation, Service.Id, Timeout);

    public Task RoutesToAsync(EchoServer primary) =>
        Eventually.TrueAsync(() => Equals(Service.Status.Destination, primary.EndPoint), $"a route to {primary.EndPoint}");

    public Task<Client> ConnectAsync() => Client.ConnectAsync(EndPoint);

    public async ValueTask DisposeAsync()
    {
        await Service.StopAsync(CancellationToken.None);
        Service.Dispose();
    }

    void ILogger.Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Log.Enqueue($"{eventId.Id} {formatter(state, exception)}");

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;
}
