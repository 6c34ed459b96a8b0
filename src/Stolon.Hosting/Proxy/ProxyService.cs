using System.Net;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Hosting.Health;
using Stolon.Hosting.Liveness;
using Stolon.Hosting.Time;
using Stolon.Routing;
using Stolon.Storage;

namespace Stolon.Hosting.Proxy;

/// <summary>
/// A proxy: clients connect to it and are forwarded to the primary, whoever that is (rules X). It looks at the document whenever the store
/// says that it changed, and at <c>proxyCheckInterval</c> at the latest.
/// </summary>
internal sealed class ProxyService : BackgroundService, IHealthyRole
{
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);

    private readonly IClusterStore store;
    private readonly string clusterName;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly ProxyMetrics metrics;
    private readonly FencedRoute route;
    private readonly ProxyCheck check;
    private readonly Pulse checks;
    private readonly string listen;
    private readonly ProxyOptions options;
    private readonly SocketForwarder forwarder;
    private readonly Channel<bool> wake =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private LivenessPort? liveness;
    private bool cannotListen;
    private volatile bool isStopping;

    /// <summary>Makes a proxy; nothing happens before it is started.</summary>
    /// <param name="store">The store of its cluster.</param>
    /// <param name="options">Its settings, validated.</param>
    /// <param name="clusterName">The cluster, for people.</param>
    /// <param name="time">The clock of waits.</param>
    /// <param name="bootClock">The clock of the deadline: it must run through suspend.</param>
    /// <param name="logger">The log.</param>
    /// <param name="meterScope">See <see cref="RoleMeter"/>.</param>
    public ProxyService(
        IClusterStore store,
        ProxyOptions options,
        string clusterName,
        TimeProvider time,
        TimeProvider bootClock,
        ILogger logger,
        object? meterScope = null)
    {
        this.store = store;
        this.clusterName = clusterName;
        this.time = time;
        this.logger = logger;
        this.options = options;
        listen = $"{options.ListenAddress}:{options.Port}";
        metrics = new ProxyMetrics(clusterName, Id, listen, meterScope);
        checks = new Pulse("checking", time);
        var fence = new Fence(bootClock);
        forwarder = new SocketForwarder(options, fence, metrics, time, logger);
        route = new FencedRoute(fence, forwarder, clusterName, options.StopListening, logger);
        check = new ProxyCheck(store, Id, route, new AddressResolver(options.ResolveTimeout, time), LivenessAddressFor, metrics.Steps, logger);
        metrics.Observe(() => Status);
    }

    /// <summary>This proxy's id (M3): random, new at every start.</summary>
    public ProxyId Id { get; } = new(ProxyCheck.NewId());

    /// <summary>
    /// Where clients connect to; null = not listening. After the start it names the port, if a free one was asked for.
    /// </summary>
    public IPEndPoint? ListeningOn => route.ListeningOn;

    /// <summary>The proxy at this instant.</summary>
    public ProxyStatus Status => new(
        Id, route.ListeningOn, route.Destination, check.Generation, metrics.Active, LastGoodCheck, check.Explanation);

    /// <summary>Clients that wait for a primary now.</summary>
    public int Held => metrics.Held;

    /// <inheritdoc/>
    public RoleHealth Health => isStopping
        ? new($"proxy {listen}", [], ["it is stopping"])
        : new($"proxy {listen}", RoleTroubles.Of(checks, route.Pulse), [.. FindReasons()]);

    private TimeSpan? LastGoodCheck => route.Now - check.LastGood;

    /// <inheritdoc/>
    /// <exception cref="IOException">The port cannot be had; the message names address, port and remedy.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.FindListenAddress() is null)
        {
            forwarder.ListenOn(await LookUpAsync(cancellationToken).ConfigureAwait(false));
        }

        route.Start(check.Terms.TimeoutInForce);
        liveness = LivenessPort.Open(
            options.LivenessAddress ?? route.ListeningOn!.Address.ToString(), options.LivenessPort, Id.Value, Id.Value, time);
        logger.Started(Id, clusterName, route.ListeningOn!);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        isStopping = true;
        using var limit = new CancellationTokenSource(StopLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var quiet = route.StopAsync(either.Token);
        await base.StopAsync(either.Token).ConfigureAwait(false);
        try
        {
            // Whoever reads that this proxy has closed may open another primary at once, so it is said last.
            await quiet.ConfigureAwait(false);
            await check.SayGoodbyeAsync(either.Token).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is StoreUnavailableException or OperationCanceledException)
        {
            logger.NotWithdrawn(problem.Message);
        }

        logger.Stopped(Id);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        route.Dispose();

        // Only now: whoever is refused by it may count every client as cut.
        liveness?.Dispose();
        metrics.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var watch = WatchAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            checks.Beat(check.Terms.TimeoutInForce.Bounded() + check.Terms.CheckInterval.Bounded());
            var result = await CheckAsync(stoppingToken).ConfigureAwait(false);
            if (result is not CheckResult.Failed)
            {
                Listen();
            }

            if (result is not CheckResult.LookAgain)
            {
                await RestAsync(result, stoppingToken).ConfigureAwait(false);
            }
        }

        await watch.ConfigureAwait(false);
    }

    private LivenessAddress LivenessAddressFor(IPEndPoint? primary)
    {
        var bound = liveness!.EndPoint.Address;
        var host = options.LivenessAddress ?? (bound.Equals(IPAddress.Any) || bound.Equals(IPAddress.IPv6Any) ? "" : bound.ToString());
        return liveness.AddressFor(host, primary);
    }

    private async Task<IPAddress> LookUpAsync(CancellationToken cancellationToken)
    {
        var name = new PrimaryAddress(default, options.ListenAddress, options.Port);
        var (endPoint, problem) = await new AddressResolver(options.ResolveTimeout, time).ResolveAsync(name, cancellationToken).ConfigureAwait(false);
        return endPoint?.Address
            ?? throw new IOException($"ListenAddress: the name {options.ListenAddress} could not be looked up: {problem.TrimEnd('.')}. Give an IP address.");
    }

    private IEnumerable<string> FindReasons()
    {
        if (route.Destination is null)
        {
            yield return check.Complaint is { } complaint
                ? $"no client is forwarded, the last check failed: {complaint}"
                : $"no client is forwarded: {check.Explanation}";
        }

        if (route.ListeningOn is null)
        {
            yield return "it does not listen";
        }
    }

    /// <summary>One check, within a third of the timeout: two may hang and a third still be in time.</summary>
    private async Task<CheckResult> CheckAsync(CancellationToken stoppingToken)
    {
        var limit = (check.Terms.TimeoutInForce / 3).Bounded();
        using var late = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, late.Token);
        try
        {
            return await check.RunAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            if (!stoppingToken.IsCancellationRequested)
            {
                check.FailLate(limit);
            }
        }
#pragma warning disable CA1031 // Whatever a store throws must not end the loop: the deadline protects the clients.
        catch (Exception problem)
#pragma warning restore CA1031
        {
            check.FailBroken(problem);
        }

        return CheckResult.Failed;
    }

    /// <summary>Listens again if the deadline had passed. Where that fails, every good check tries again.</summary>
    private void Listen()
    {
        try
        {
            route.Listen();
            cannotListen = false;
        }
        catch (IOException problem)
        {
            if (!cannotListen)
            {
                logger.CannotListen(problem.Message);
            }

            cannotListen = true;
        }
    }

    /// <summary>Waits for a hint of the store, or until it is time to look anyway.</summary>
    private async Task RestAsync(CheckResult result, CancellationToken stoppingToken)
    {
        var interval = check.Terms.CheckInterval.Bounded();
        var rest = result is CheckResult.Failed && interval > RestAfterFailure ? RestAfterFailure : interval;
        using var over = new CancellationTokenSource(rest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, over.Token);
        try
        {
            await wake.Reader.ReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The interval is over, or the host stops.
        }
    }

    private async Task WatchAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var change in store.WatchAsync(StoreChange.ClusterData, stoppingToken).ConfigureAwait(false))
                {
                    wake.Writer.TryWrite(true);
                }
            }
            catch (OperationCanceledException)
            {
                // The host stops.
            }
#pragma warning disable CA1031 // Without hints the interval is still there.
            catch (Exception problem)
#pragma warning restore CA1031
            {
                logger.WatchFailed(problem.Message);
            }

            await Task.Delay(RestAfterFailure, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
