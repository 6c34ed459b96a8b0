using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Stolon.AspNetCore.Metrics;
using Stolon.Hosting.Health;

namespace Stolon.AspNetCore;

/// <summary>
/// A small web server of its own beside the roles. It listens before any of them starts, so that a taken port starts nothing, and until the
/// last of them has stopped, so that a stop can be watched.
/// </summary>
/// <param name="options">The settings.</param>
/// <param name="clusters">How this process's parts in its clusters do.</param>
/// <param name="loggers">The host's log.</param>
/// <param name="meters">The host's meter factory: meters of other hosts of the process are left out.</param>
internal sealed partial class HttpListener(
    IOptions<HttpListenerOptions> options, IEnumerable<IStolonHealth> clusters, ILoggerFactory loggers, IMeterFactory meters)
    : IHostedLifecycleService, IAsyncDisposable, IDisposable
{
    private const int MostConnections = 1000;

    /// <summary>Where the server says that a connection was refused: a warning for each would let strangers fill the log.</summary>
    private const string ConnectionLog = "Microsoft.AspNetCore.Server.Kestrel.Connections";

    /// <summary>How long requests under way may take when the host stops.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan NameLimit = TimeSpan.FromSeconds(10);

    /// <summary>After how long a connection without a request is closed: whoever opens many and says nothing keeps no probe waiting for longer.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    private readonly ILogger logger = loggers.CreateLogger<HttpListener>();
    private WebApplication? server;
    private MetricReader? reader;

    /// <summary>Where it listens; null = not. After the start it names the port, if a free one was asked for.</summary>
    public IPEndPoint? ListeningOn { get; private set; }

    /// <inheritdoc/>
    /// <exception cref="OptionsValidationException">The port cannot be had; the message names address and remedy.</exception>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var endPoint = await FindAsync(options.Value.FindEndPoint()!, cancellationToken).ConfigureAwait(false);
        reader = new MetricReader(meters);
        server = Build(endPoint);
        server.Run(new Endpoints([.. clusters], reader).AnswerAsync);
        try
        {
            await server.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            await DisposeAsync().ConfigureAwait(false);
            throw Refused(Explain(exception));
        }

        ListeningOn = Bound(server);
        LogListening(logger, ListeningOn);
    }

    /// <inheritdoc/>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (server is { } running)
        {
            using var limit = new CancellationTokenSource(StopLimit, TimeProvider.System);
            await running.StopAsync(limit.Token).ConfigureAwait(false);
        }

        await DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        var (running, metrics) = (server, reader);
        (server, reader, ListeningOn) = (null, null, null);
        if (running is not null)
        {
            await running.DisposeAsync().ConfigureAwait(false);
        }

        metrics?.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ((IDisposable?)server)?.Dispose();
        reader?.Dispose();
        (server, reader, ListeningOn) = (null, null, null);
    }

    private OptionsValidationException Refused(string why) => new(
        Options.DefaultName, typeof(HttpListenerOptions), [$"HTTP listener: Address: {options.Value.Address} cannot be listened on: {why}"]);

    private async Task<IPEndPoint> FindAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        if (endPoint is not DnsEndPoint named)
        {
            return (IPEndPoint)endPoint;
        }

        try
        {
            var addresses = await Dns.GetHostAddressesAsync(named.Host, cancellationToken).WaitAsync(NameLimit, cancellationToken).ConfigureAwait(false);
            return new IPEndPoint(addresses.MinBy(address => address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)!, named.Port);
        }
        catch (Exception exception) when (exception is SocketException or TimeoutException or ArgumentException)
        {
            throw Refused($"the name {named.Host} could not be looked up: {exception.Message.TrimEnd('.')}. Give an IP address.");
        }
    }

    private static string Explain(Exception exception)
    {
        while (exception is not SocketException and { InnerException: { } inner })
        {
            exception = inner;
        }

        return exception is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }
            ? "another program listens there. Give another address, or end that program."
            : exception.Message;
    }

    private static IPEndPoint Bound(WebApplication server)
    {
        var addresses = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        var bound = new Uri(addresses.First());
        return new IPEndPoint(IPAddress.Parse(bound.Host), bound.Port);
    }

    /// <summary>Nothing but Kestrel: no configuration files, no environment, no signal handlers.</summary>
    private WebApplication Build(IPEndPoint endPoint)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter(ConnectionLog, LogLevel.Error).AddProvider(new HostLog(loggers));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            kestrel.Limits.KeepAliveTimeout = Silence;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
            kestrel.ConfigureEndpointDefaults(listen => listen.Protocols = HttpProtocols.Http1);
            if (endPoint.Address.Equals(IPAddress.IPv6Any))
            {
                // Also where there is no IPv6.
                kestrel.ListenAnyIP(endPoint.Port);
            }
            else
            {
                kestrel.Listen(endPoint);
            }
        });
        return builder.Build();
    }

    [LoggerMessage(7001, LogLevel.Information, "Liveness, readiness and metrics are served on {EndPoint}.")]
    private static partial void LogListening(ILogger logger, IPEndPoint endPoint);

    /// <summary>To the host's log, in which each probe and scrape would be a line but for the level above.</summary>
    private sealed class HostLog(ILoggerFactory loggers) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => loggers.CreateLogger(categoryName);

        public void Dispose()
        {
            // The log is the host's.
        }
    }

    /// <summary>The host of the roles decides when the server stops.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
