using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Stolon.AspNetCore.Tests;

/// <summary>The listener itself: where it listens, from when, until when.</summary>
public sealed class ListenerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1:9100", "127.0.0.1:9100")]
    [InlineData("0.0.0.0:9100", "0.0.0.0:9100")]
    [InlineData("localhost:0", "127.0.0.1:0")]
    [InlineData("[::1]:9100", "[::1]:9100")]
    [InlineData(":9100", "[::]:9100")]
    [InlineData("*:9100", "[::]:9100")]
    public void An_address_is_an_IP_address_or_a_word_and_a_port(string address, string endPoint) =>
        new HttpListenerOptions { Address = address }.FindEndPoint().Should().Be(IPEndPoint.Parse(endPoint));

    [Theory]
    [Trait("Rule", "S10")]
    [InlineData("")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:http")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("no-such-host.invalid:9100")]
    [InlineData("::1:9100")]
    [InlineData("http://127.0.0.1:9100")]
    public async Task A_wrong_address_is_one_mistake_and_nothing_starts(string address)
    {
        var witness = new Witness();

        var failure = await FluentActions.Awaiting(() => Node.StartAsync(services => Sentinel(services, address, witness)))
            .Should().ThrowAsync<OptionsValidationException>();

        failure.Which.Failures.Should().ContainSingle().Which.Should().Match($"HTTP listener: Address: *{address}*");
        witness.Started.Should().BeFalse();
    }

    [Fact]
    [Trait("Rule", "S10")]
    public async Task A_taken_port_is_one_mistake_that_names_it_and_nothing_starts()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var address = other.LocalEndpoint.ToString()!;
        var witness = new Witness();

        var failure = await FluentActions.Awaiting(() => Node.StartAsync(services => Sentinel(services, address, witness)))
            .Should().ThrowAsync<OptionsValidationException>();

        failure.Which.Failures.Should().ContainSingle().Which.Should()
            .Match($"HTTP listener: Address: {address} cannot be listened on: another program listens there. *");
        witness.Started.Should().BeFalse();
    }

    [Fact]
    [Trait("Rule", "S10")]
    public async Task An_address_of_another_machine_is_one_mistake_too()
    {
        var failure = await FluentActions.Awaiting(() => Node.StartAsync(services => Sentinel(services, "192.0.2.1:9100", new Witness())))
            .Should().ThrowAsync<OptionsValidationException>();

        failure.Which.Failures.Should().ContainSingle().Which.Should().StartWith("HTTP listener: Address: 192.0.2.1:9100 cannot be listened on: ");
    }

    [Fact]
    public async Task The_name_of_a_host_stands_for_its_address()
    {
        await using var node = await Node.StartAsync(services => Sentinel(services, "LOCALHOST:0", new Witness()));

        node.EndPoint.Address.Should().Be(IPAddress.Loopback);
    }

    [Fact]
    public async Task Every_address_of_this_machine_includes_loopback()
    {
        await using var node = await Node.StartAsync(services => Sentinel(services, ":0", new Witness()));
        using var client = new HttpClient();

        (await client.GetStringAsync(new Uri($"http://127.0.0.1:{node.EndPoint.Port}/livez"), Cancel)).Should().Be("ok\n");
    }

    [Fact]
    public async Task Its_log_is_one_line_and_not_one_for_each_request()
    {
        using var log = new Lines();
        await using var node = await Node.StartAsync(services =>
        {
            Sentinel(services, "127.0.0.1:0", new Witness());
            services.AddLogging(logging => logging.AddProvider(log));
        });

        await node.GetAsync("/livez");

        log.Written.Where(line => line.StartsWith("Stolon.AspNetCore", StringComparison.Ordinal)).Should().ContainSingle()
            .Which.Should().EndWith($"Liveness, readiness and metrics are served on {node.EndPoint}.");
        log.Written.Should().NotContain(line => line.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal))
            .And.ContainSingle(line => line.Contains("Application started", StringComparison.Ordinal), "the server within has no life of its own");
    }

    [Fact]
    public async Task A_host_that_is_thrown_away_without_a_stop_frees_the_port()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        Sentinel(builder.Services, "127.0.0.1:0", new Witness());
        IPEndPoint endPoint;
        using (var host = builder.Build())
        {
            await host.StartAsync(Cancel);
            endPoint = host.Services.GetServices<IHostedService>().OfType<HttpListener>().Single().ListeningOn!;
        }

        using var next = new TcpListener(endPoint);
        next.Start();
    }

    [Fact]
    public async Task It_answers_until_the_last_role_has_stopped_and_then_frees_its_port()
    {
        var witness = new Witness();
        await using var node = await Node.StartAsync(services => Sentinel(services, "127.0.0.1:0", witness));
        witness.WhenStopping = async () => witness.Seen = (await node.GetAsync("/livez")).Status;

        await node.StopAsync();

        witness.Seen.Should().Be(HttpStatusCode.OK);
        using var next = new TcpListener(node.EndPoint);
        next.Start();
    }

    [Fact]
    [Trait("Rule", "S12")]
    public async Task A_request_that_never_ends_does_not_keep_the_host_from_stopping()
    {
        await using var node = await Node.StartAsync(services => Sentinel(services, "127.0.0.1:0", new Witness()));
        using var client = new TcpClient();
        await client.ConnectAsync(node.EndPoint, Cancel);
        await client.GetStream().WriteAsync("GET /livez HTTP/1.1\r\nHost: "u8.ToArray(), Cancel);

        await node.StopAsync().WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, Cancel);
    }

    [Fact]
    [Trait("Rule", "S12")]
    public async Task Many_connections_that_say_nothing_keep_no_probe_waiting()
    {
        await using var node = await Node.StartAsync(services => Sentinel(services, "127.0.0.1:0", new Witness()));
        using var silent = await Silent.ConnectAsync(node.EndPoint, 150);

        var answer = await node.GetAsync("/livez").WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System, Cancel);

        answer.Should().Be((HttpStatusCode.OK, "ok\n"));
    }

    [Fact]
    [Trait("Rule", "S12")]
    public async Task More_connections_than_are_taken_pass_by_soon_and_fill_no_log()
    {
        using var log = new Lines();
        await using var node = await Node.StartAsync(services =>
        {
            Sentinel(services, "127.0.0.1:0", new Witness());
            services.AddLogging(logging => logging.AddProvider(log));
        });
        using var silent = await Silent.ConnectAsync(node.EndPoint, 1100);

        await Eventually.Holds(async () =>
        {
            try
            {
                return (await node.GetAsync("/livez")).Status == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });

        log.Written.Should().NotContain(line => line.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Other_paths_name_those_there_are_and_other_methods_are_refused()
    {
        await using var node = await Node.StartAsync(services => Sentinel(services, "127.0.0.1:0", new Witness()));

        (await node.GetAsync("/")).Should().Be((HttpStatusCode.NotFound, "There is nothing here. There are /livez, /readyz and /metrics.\n"));
        using var post = await node.SendAsync(HttpMethod.Post, "/livez");
        post.StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
        using var head = await node.SendAsync(HttpMethod.Head, "/livez");
        head.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    private static void Sentinel(IServiceCollection services, string address, Witness witness)
    {
        services.AddStolon(Names.New()).UseInMemoryStore().AddSentinel().AddHttpListener(http => http.Address = address);
        services.AddSingleton<IHostedService>(witness);
    }

    /// <summary>Connections that never send anything.</summary>
    private sealed class Silent(List<Socket> sockets) : IDisposable
    {
        public static async Task<Silent> ConnectAsync(IPEndPoint endPoint, int count)
        {
            var silent = new List<Socket>();
            for (var index = 0; index < count; index++)
            {
                silent.Add(new Socket(SocketType.Stream, ProtocolType.Tcp));
                await silent[index].ConnectAsync(endPoint, Cancel);
            }

            return new Silent(silent);
        }

        public void Dispose() => sockets.ForEach(socket => socket.Dispose());
    }

    /// <summary>What was logged.</summary>
    private sealed class Lines : ILoggerProvider
    {
        public ConcurrentQueue<string> Written { get; } = [];

        public ILogger CreateLogger(string categoryName) => new Category(categoryName, Written);

        public void Dispose()
        {
            // Nothing is held.
        }

        private sealed class Category(string name, ConcurrentQueue<string> lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

            public void Log<TState>(
                LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                if (IsEnabled(logLevel))
                {
                    lines.Enqueue($"{name}: {formatter(state, exception)}");
                }
            }
        }
    }

    /// <summary>A service beside the roles.</summary>
    private sealed class Witness : IHostedService
    {
        public bool Started { get; private set; }

        public HttpStatusCode? Seen { get; set; }

        public Func<Task> WhenStopping { get; set; } = () => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            Started = true;
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => WhenStopping();
    }
}
