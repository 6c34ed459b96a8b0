using System.Buffers.Binary;
using System.Text;
using Npgsql;

namespace Stolon.Integration.Proxy;

/// <summary>A client that connects while there is no primary waits for one.</summary>
[Trait("Rule", "X5")]
public sealed class HoldTests
{
    private const int CancelRequest = 80877102;
    private const int SslRequest = 80877103;

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task It_is_forwarded_with_all_that_it_has_sent_when_a_primary_appears()
    {
        using var primary = new EchoServer();
        await using var proxy = await HoldingAsync(Long);
        using var early = await proxy.ConnectAsync();
        using var silent = await proxy.ConnectAsync();
        await early.SendAsync("sent before there was anybody");
        await HeldAsync(proxy, 2);
        await StillHeldAsync(proxy, 2, TimeSpan.FromSeconds(1));

        proxy.RouteTo(primary, 2);

        (await early.EchoAsync(", and after")).Should().Be("sent before");
        (await silent.EchoAsync("hello")).Should().Be("hello");
        await HeldAsync(proxy, 0);
    }

    [Fact]
    public async Task One_that_comes_when_the_old_primary_was_left_waits_for_the_next()
    {
        using var old = new EchoServer();
        using var next = new EchoServer();
        await using var proxy = await RunningProxy.ToAsync(old, configure: options => options.HoldTimeout = Long);
        proxy.Close(2);
        await Eventually.TrueAsync(() => proxy.Service.Status.Destination is null, "no route");
        using var client = await proxy.ConnectAsync();
        await client.SendAsync("hello");
        await HeldAsync(proxy, 1);

        proxy.RouteTo(next, 3, "db2");

        (await client.EchoAsync("")).Should().BeEmpty();
        await proxy.RoutesToAsync(next);
        (await ReadAsync(client, 5)).Should().Be("hello");
    }

    [Fact]
    public async Task One_that_finds_the_primary_dead_waits_for_the_next()
    {
        var old = new EchoServer();
        using var next = new EchoServer();
        await using var proxy = await RunningProxy.ToAsync(old, configure: options => options.HoldTimeout = Long);
        old.Dispose();
        using var client = await proxy.ConnectAsync();
        await client.SendAsync("hello");
        await HeldAsync(proxy, 1);

        proxy.RouteTo(next, 2, "db2");

        (await ReadAsync(client, 5)).Should().Be("hello");
    }

    [Fact]
    public async Task One_that_finds_the_primary_restarting_is_let_in_when_it_is_back()
    {
        var primary = new EchoServer();
        var port = primary.EndPoint.Port;
        await using var proxy = await RunningProxy.ToAsync(primary, configure: options => options.HoldTimeout = Long);
        primary.Dispose();
        using var client = await proxy.ConnectAsync();
        await client.SendAsync("hello");
        await HeldAsync(proxy, 1);

        using var back = new EchoServer(port: port);

        (await ReadAsync(client, 5)).Should().Be("hello");
    }

    [Fact]
    public async Task One_whose_connection_to_a_primary_that_does_not_answer_is_being_made_goes_to_the_next()
    {
        using var silent = new SilentServer();
        using var next = new EchoServer();
        await using var proxy = new RunningProxy(configure: options => options.HoldTimeout = Long);
        proxy.Store.Document = Documents.Routed(1, silent.EndPoint, proxy.Service.Id, proxy.Timeout, "db1");
        await proxy.StartAsync();
        await Eventually.TrueAsync(() => Equals(proxy.Service.Status.Destination, silent.EndPoint), "a route");
        using var client = await proxy.ConnectAsync();
        await client.SendAsync("hello");
        await Eventually.TrueAsync(() => proxy.Service.Status.Connections == 1, "it is being connected");

        proxy.RouteTo(next, 2, "db2");

        (await ReadAsync(client, 5)).Should().Be("hello");
    }

    [Fact]
    public async Task A_driver_is_told_when_a_dead_primary_has_no_successor_in_time()
    {
        var dead = new EchoServer();
        await using var proxy = await RunningProxy.ToAsync(dead, configure: options => options.HoldTimeout = Short);
        dead.Dispose();
        await using var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={proxy.EndPoint.Port};Username=app;Password=x;Database=app;Timeout=10;Pooling=false");

        var told = await connection.Awaiting(one => one.OpenAsync(TestContext.Current.CancellationToken)).Should().ThrowAsync<PostgresException>();

        told.Which.SqlState.Should().Be(PostgresErrorCodes.CannotConnectNow);
    }

    [Theory]
    [InlineData("Disable")]
    [InlineData("Prefer")]
    public async Task A_driver_is_told_in_PostgreSQLs_words_when_no_primary_appears_in_time(string sslMode)
    {
        await using var proxy = await HoldingAsync(Short);
        await using var connection = new NpgsqlConnection(
            $"Host=127.0.0.1;Port={proxy.EndPoint.Port};Username=app;Password=x;Database=app;Timeout=10;Pooling=false;SSL Mode={sslMode}");

        var told = await connection.Awaiting(one => one.OpenAsync(TestContext.Current.CancellationToken)).Should().ThrowAsync<PostgresException>();

        told.Which.SqlState.Should().Be(PostgresErrorCodes.CannotConnectNow);
        told.Which.MessageText.Should().Be("there is no primary at the moment");
    }

    [Fact]
    public async Task A_request_to_cancel_a_query_does_not_wait()
    {
        await using var proxy = await HoldingAsync(Long);
        using var client = await proxy.ConnectAsync();

        await client.Socket.SendAsync(Packet(CancelRequest, 8));

        (await client.EndAsync()).Should().BeOneOf(End.Closed, End.Reset);
    }

    [Fact]
    public async Task One_that_leaves_is_waited_for_no_longer()
    {
        await using var proxy = await HoldingAsync(Long);
        var client = await proxy.ConnectAsync();
        await HeldAsync(proxy, 1);

        client.Dispose();

        await HeldAsync(proxy, 0);
    }

    [Fact]
    public async Task One_that_says_nothing_PostgreSQL_would_understand_is_closed_at_the_end()
    {
        await using var proxy = await HoldingAsync(Short);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\n\r\n");

        (await client.EndAsync()).Should().BeOneOf(End.Closed, End.Reset);
    }

    [Fact]
    [Trait("Rule", "X3")]
    public async Task A_proxy_that_loses_the_store_lets_nobody_wait()
    {
        await using var proxy = await HoldingAsync(Long, TimeSpan.FromSeconds(1), stopListening: false);
        using var client = await proxy.ConnectAsync();
        await client.Socket.SendAsync(Packet(SslRequest, 0));
        await HeldAsync(proxy, 1);

        proxy.Store.OnRead = _ => ScriptedStore.FailAsync();

        (await ReadAsync(client, 1)).Should().Be("N", "it is answered at once");
        await HeldAsync(proxy, 1, orLess: true);
        using var late = await proxy.ConnectAsync();
        (await late.EndAsync()).Should().BeOneOf(End.Closed, End.Reset);
    }

    private static byte[] Packet(int code, int more)
    {
        var packet = new byte[8 + more];
        BinaryPrimitives.WriteInt32BigEndian(packet, packet.Length);
        BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(4), code);
        return packet;
    }

    private static async Task<string> ReadAsync(Client client, int length)
    {
        var buffer = new byte[length];
        for (var read = 0; read < length;)
        {
            var count = await client.Socket.ReceiveAsync(buffer.AsMemory(read)).AsTask().WaitAsync(Eventually.Limit);
            count.Should().BePositive();
            read += count;
        }

        return Encoding.ASCII.GetString(buffer);
    }

    private static Task HeldAsync(RunningProxy proxy, int count, bool orLess = false) =>
        Eventually.TrueAsync(() => proxy.Service.Held == count || (orLess && proxy.Service.Held < count), $"{count} clients wait");

    private static async Task StillHeldAsync(RunningProxy proxy, int count, TimeSpan time)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var looked = TimeSpan.Zero; looked < time && await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken); looked += timer.Period)
        {
            proxy.Service.Held.Should().Be(count);
        }
    }

    private static async Task<RunningProxy> HoldingAsync(TimeSpan hold, TimeSpan? proxyTimeout = null, bool stopListening = true)
    {
        var proxy = new RunningProxy(proxyTimeout, options => (options.HoldTimeout, options.StopListening) = (hold, stopListening));
        proxy.Close(1);
        await proxy.StartAsync();
        return proxy;
    }
}
