using System.Net.Sockets;
using System.Security.Cryptography;

namespace Stolon.Integration.Proxy;

/// <summary>Bytes between clients and a primary (X1).</summary>
[Trait("Rule", "X1")]
public sealed class ForwardingTests
{
    [Fact]
    public async Task A_client_that_closes_its_direction_still_gets_the_answer()
    {
        using var primary = new EchoServer();
        await using var proxy = await RunningProxy.ToAsync(primary);
        using var client = await proxy.ConnectAsync();
        var sent = RandomNumberGenerator.GetBytes(1_000_000);

        var received = ReadToEndAsync(client);
        await client.Socket.SendAsync(sent);
        client.Socket.Shutdown(SocketShutdown.Send);

        (await received).Should().Equal(sent);
    }

    [Fact]
    public async Task A_primary_that_closes_without_an_answer_ends_the_client_s_connection_orderly()
    {
        using var primary = new EchoServer(async (_, client) => await client.ReceiveAsync(new byte[16]));
        await using var proxy = await RunningProxy.ToAsync(primary);
        using var client = await proxy.ConnectAsync();

        await client.SendAsync("a cancel request");

        (await client.EndAsync()).Should().Be(End.Closed);
        await Eventually.TrueAsync(() => primary.Accepted == 1, "one connection");
        client.Dispose();
        await Eventually.TrueAsync(() => proxy.Service.Status.Connections == 0, "the end of the connection");
    }

    [Fact]
    public async Task Big_transfers_go_both_ways_at_once()
    {
        using var primary = new EchoServer();
        await using var proxy = await RunningProxy.ToAsync(primary);
        using var client = await proxy.ConnectAsync();
        var chunk = RandomNumberGenerator.GetBytes(1 << 20);
        using var expected = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var found = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        var sending = SendAsync();
        var buffer = new byte[1 << 20];
        while (await client.Socket.ReceiveAsync(buffer) is var count and > 0)
        {
            found.AppendData(buffer, 0, count);
        }

        await sending;
        found.GetHashAndReset().Should().Equal(expected.GetHashAndReset());

        async Task SendAsync()
        {
            for (var i = 0; i < 128; i++)
            {
                expected.AppendData(chunk);
                await client.Socket.SendAsync(chunk);
            }

            client.Socket.Shutdown(SocketShutdown.Send);
        }
    }

    [Fact]
    public async Task A_slow_reader_holds_the_primary_up_and_costs_no_memory()
    {
        const int Megabytes = 512;
        var flood = new byte[1 << 20];
        using var primary = new EchoServer(async (server, client) =>
        {
            await client.ReceiveAsync(new byte[4]);
            await client.SendAsync("ping"u8.ToArray());
            for (var i = 0; i < Megabytes; i++)
            {
                await client.SendAsync(flood);
                server.Count(flood.Length);
            }
        });
        using var worker = await WorkerProcess.StartAsync(primary, RunningProxy.LongTimeout);
        using var client = await worker.ConnectAsync();
        var memory = worker.WorkingSetBytes;

        var (seen, since) = (-1L, TimeProvider.System.GetTimestamp());
        await Eventually.TrueAsync(
            () =>
            {
                if (primary.Received != seen)
                {
                    (seen, since) = (primary.Received, TimeProvider.System.GetTimestamp());
                }

                return TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromSeconds(1);
            },
            "the primary to be held up");

        primary.Received.Should().BeLessThan(64 << 20, "only the kernel's buffers take bytes that nobody reads");
        (worker.WorkingSetBytes - memory).Should().BeLessThan(32 << 20);
        var buffer = new byte[1 << 20];
        var total = 0L;
        while (await client.Socket.ReceiveAsync(buffer) is var count and > 0)
        {
            total += count;
        }

        total.Should().Be((long)Megabytes << 20);
    }

    [Fact]
    public async Task A_thousand_idle_clients_are_held_and_cut_in_one_go()
    {
        using var primary = new EchoServer();
        await using var proxy = await RunningProxy.ToAsync(primary);
        var clients = new List<Client>();
        try
        {
            for (var i = 0; i < 1000; i++)
            {
                clients.Add(await proxy.ConnectAsync());
            }

            foreach (var client in clients)
            {
                (await client.EchoAsync("ping")).Should().Be("ping");
            }

            proxy.Service.Status.Connections.Should().Be(1000);
            proxy.Close(2);

            foreach (var client in clients)
            {
                (await client.EndAsync()).Should().Be(End.Reset);
            }

            await Eventually.TrueAsync(() => proxy.Service.Status.Connections == 0, "the end of all connections");
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task A_client_above_the_limit_is_closed_at_once()
    {
        using var primary = new EchoServer();
        await using var proxy = await RunningProxy.ToAsync(primary, configure: options => options.MaxConnections = 1);
        using var first = await proxy.ConnectAsync();
        await first.EchoAsync("ping");

        using var second = await proxy.ConnectAsync();

        (await second.EndAsync()).Should().Be(End.Closed);
        (await first.EchoAsync("ping")).Should().Be("ping");
    }

    [Fact]
    public async Task A_primary_that_refuses_costs_the_client_its_connection_and_one_line_in_the_log()
    {
        var primary = new EchoServer();
        await using var proxy = await RunningProxy.ToAsync(primary);
        primary.Dispose();

        for (var i = 0; i < 20; i++)
        {
            using var client = await proxy.ConnectAsync();
            (await client.EndAsync()).Should().NotBe(End.None);
        }

        proxy.Log.Count(line => line.StartsWith("3034 ", StringComparison.Ordinal)).Should().Be(1);
    }

    private static async Task<byte[]> ReadToEndAsync(Client client)
    {
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (await client.Socket.ReceiveAsync(buffer) is var count and > 0)
        {
            await all.WriteAsync(buffer.AsMemory(0, count));
        }

        return all.ToArray();
    }
}
