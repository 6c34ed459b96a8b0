using System.Net.Sockets;

namespace Stolon.Integration.Proxy;

/// <summary>A proxy process that is frozen and wakes up after its deadline: another primary may be in charge by then (S1).</summary>
[Trait("Rule", "S1")]
[Trait("Rule", "X3")]
public sealed class PauseTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PastTheDeadline = 1.5 * Timeout;

    [Fact]
    public async Task What_a_client_sent_while_the_proxy_was_frozen_never_reaches_the_primary()
    {
        using var primary = new EchoServer();
        using var worker = await StartAsync(primary);
        using var client = await worker.ConnectAsync();
        await worker.TellAsync("hang");

        await worker.PauseAsync();
        await client.SendAsync("commit");
        await Eventually.PassAsync(PastTheDeadline);
        var received = primary.Received;
        await worker.ContinueAsync();

        (await client.EndAsync()).Should().Be(End.Reset);
        primary.Received.Should().Be(received);
    }

    [Fact]
    public async Task Bytes_that_the_proxy_held_back_for_a_slow_primary_are_dropped_too()
    {
        var mayRead = new TaskCompletionSource();
        using var primary = new EchoServer(async (server, client) =>
        {
            await mayRead.Task;
            var buffer = new byte[1 << 20];
            while (await client.ReceiveAsync(buffer) is var count and > 0)
            {
                server.Count(count);
            }
        });
        using var worker = await StartAsync(primary);
        using var client = await Client.ConnectAsync(worker.EndPoint);
        await FloodAsync(client);
        await worker.TellAsync("hang");

        await worker.PauseAsync();
        mayRead.SetResult();
        await Eventually.PassAsync(PastTheDeadline);
        var received = primary.Received;
        received.Should().BeGreaterThan(0, "the kernel delivers what was handed to it");
        await worker.ContinueAsync();

        (await client.EndAsync()).Should().Be(End.Reset);
        primary.Received.Should().Be(received);
    }

    [Fact]
    [Trait("Rule", "X5")]
    public async Task A_client_of_the_former_primary_is_cut_and_a_new_one_goes_to_the_new_primary()
    {
        using var primary = new EchoServer();
        using var next = new EchoServer();
        using var worker = await StartAsync(primary);
        using var client = await worker.ConnectAsync();
        var accepted = primary.Accepted;
        await worker.TellAsync($"switch-after-pause {next.EndPoint}");

        await worker.PauseAsync();
        await client.SendAsync("commit");
        await Eventually.PassAsync(PastTheDeadline);
        var received = primary.Received;
        await worker.ContinueAsync();

        (await client.EndAsync()).Should().Be(End.Reset);
        using var late = await worker.ConnectAsync();
        (primary.Received, primary.Accepted).Should().Be((received, accepted));
        next.Received.Should().BeGreaterThan(0);
    }

    private static async Task<WorkerProcess> StartAsync(EchoServer primary)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SIGSTOP");
        var worker = await WorkerProcess.StartAsync(primary, Timeout);
        for (var accepted = primary.Accepted; primary.Accepted == accepted;)
        {
            // Until its first check was good, it closes every client.
            using var client = await Client.ConnectAsync(worker.EndPoint);
            await Eventually.TrueAsync(() => primary.Accepted > accepted || client.Look() != End.None, "an answer");
        }

        return worker;
    }

    /// <summary>Sends until nobody takes any more.</summary>
    private static async Task FloodAsync(Client client)
    {
        client.Socket.Blocking = false;
        var chunk = new byte[64 * 1024];
        for (var refused = 0; refused < 20;)
        {
            client.Socket.Send(chunk, 0, chunk.Length, SocketFlags.None, out var problem);
            refused = problem == SocketError.WouldBlock ? refused + 1 : 0;
            if (refused > 0)
            {
                await Eventually.PassAsync(TimeSpan.FromMilliseconds(10));
            }
        }

        client.Socket.Blocking = true;
    }
}
