using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
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
    [InlineData("everywhere:9100")]
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
            .Match($"HTTP listener: Address: {address} cannot be listened on: *ddress already in use*");
        witness.Started.Should().BeFalse();
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
