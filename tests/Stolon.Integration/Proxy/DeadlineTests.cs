using System.Diagnostics;
using System.Net.Sockets;

namespace Stolon.Integration.Proxy;

/// <summary>What happens when no check is good for proxyTimeout (X3, S1).</summary>
[Trait("Rule", "X3")]
public sealed class DeadlineTests
{
    [Fact]
    [Trait("Rule", "S12")]
    public async Task A_timeout_of_years_is_no_reason_to_fail()
    {
        using var primary = new EchoServer();
        await using var proxy = await RunningProxy.ToAsync(primary, TimeSpan.FromDays(3650));
        using var client = await proxy.ConnectAsync();
        (await client.EchoAsync("ping")).Should().Be("ping");

        proxy.Close(2);

        await Eventually.TrueAsync(() => proxy.Store.LastReport?.Generation == 2, "checks that go on");
    }

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(Fault.ReadFails)]
    [InlineData(Fault.ReadHangs)]
    [InlineData(Fault.PublishFails)]
    [InlineData(Fault.PublishHangs)]
    [InlineData(Fault.CheckBlocksItsThread)]
    [Trait("Rule", "S1")]
    public async Task Clients_are_cut_at_the_deadline_whatever_the_store_does(Fault fault)
    {
        using var primary = new EchoServer();
        await using var proxy = await RunningProxy.ToAsync(primary, Timeout);
        using var client = await proxy.ConnectAsync();
        using var release = new ManualResetEventSlim();
        Break(proxy.Store, fault, release);
        var watch = Stopwatch.StartNew();

        var end = client.EndAsync();
        while (!end.IsCompleted)
        {
            await Eventually.PassAsync(TimeSpan.FromMilliseconds(20));
        }

        (await end).Should().Be(End.Reset);
        watch.Elapsed.Should().BeLessThan(Timeout + TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => proxy.Service.ListeningOn is null, "no listener");
        await proxy.Invoking(it => it.ConnectAsync()).Should().ThrowAsync<SocketException>();
        release.Set();
    }

    [Fact]
    [Trait("Rule", "X3")]
    public async Task A_short_absence_of_the_store_is_noticed_by_no_client()
    {
        using var primary = new EchoServer();
        await using var proxy = await RunningProxy.ToAsync(primary, TimeSpan.FromSeconds(20));
        using var client = await proxy.ConnectAsync();
        proxy.Store.OnRead = _ => ScriptedStore.FailAsync();
        var reads = proxy.Store.Reads;
        await Eventually.TrueAsync(() => proxy.Store.Reads > reads + 3, "failing checks");

        (await client.EchoAsync("ping")).Should().Be("ping");
        proxy.Store.OnRead = _ => Task.CompletedTask;
        await Eventually.TrueAsync(() => proxy.Log.Any(line => line.StartsWith("3021 ", StringComparison.Ordinal)), "good checks");

        (await client.EchoAsync("pong")).Should().Be("pong");
        proxy.Log.Count(line => line.StartsWith("3020 ", StringComparison.Ordinal)).Should().Be(1, "a change is said once");
    }

    [Fact]
    [Trait("Rule", "S12")]
    public async Task When_the_store_is_back_the_proxy_listens_on_the_same_port_and_forwards_again()
    {
        using var primary = new EchoServer();
        await using var proxy = await RunningProxy.ToAsync(primary, Timeout);
        proxy.Store.OnRead = _ => ScriptedStore.FailAsync();
        await Eventually.TrueAsync(() => proxy.Service.ListeningOn is null, "no listener");

        proxy.Store.OnRead = _ => Task.CompletedTask;

        await Eventually.TrueAsync(() => proxy.EndPoint.Equals(proxy.Service.ListeningOn), "the same end point");
        await proxy.RoutesToAsync(primary);
        using var client = await proxy.ConnectAsync();
        (await client.EchoAsync("ping")).Should().Be("ping");
    }

    [Fact]
    public async Task With_StopListening_off_clients_are_accepted_and_closed()
    {
        using var primary = new EchoServer();
        await using var proxy = await RunningProxy.ToAsync(primary, Timeout, options => options.StopListening = false);
        using var client = await proxy.ConnectAsync();
        proxy.Store.OnRead = _ => ScriptedStore.FailAsync();

        (await client.EndAsync()).Should().Be(End.Reset);
        using var late = await proxy.ConnectAsync();
        (await late.EndAsync()).Should().NotBe(End.None);
        primary.Accepted.Should().BeLessThanOrEqualTo(1);
    }

    [Fact]
    [Trait("Rule", "S1")]
    [Trait("Rule", "X5")]
    public async Task A_check_that_ends_after_its_own_deadline_opens_nothing()
    {
        using var primary = new EchoServer();
        await using var proxy = await RunningProxy.ToAsync(primary, Timeout);
        using var release = new ManualResetEventSlim();
        var late = new TaskCompletionSource();
        proxy.Store.AfterRead = _ =>
        {
            if (!late.Task.IsCompleted)
            {
                release.Wait(CancellationToken.None);
                late.TrySetResult();
            }

            return Task.CompletedTask;
        };
        await Eventually.TrueAsync(() => proxy.Service.ListeningOn is null, "the deadline");

        // The primary has changed meanwhile, and the check that hung still holds the old document.
        using var next = new EchoServer();
        proxy.RouteTo(next, 3, "db2");
        release.Set();

        await proxy.RoutesToAsync(next);
        using var client = await proxy.ConnectAsync();
        (await client.EchoAsync("ping")).Should().Be("ping");
        (primary.Accepted, next.Accepted).Should().Be((0, 1));
    }

    public enum Fault
    {
        ReadFails,
        ReadHangs,
        PublishFails,
        PublishHangs,
        CheckBlocksItsThread,
    }

    private static void Break(ScriptedStore store, Fault fault, ManualResetEventSlim release)
    {
        switch (fault)
        {
            case Fault.ReadFails:
                store.OnRead = _ => ScriptedStore.FailAsync();
                break;
            case Fault.ReadHangs:
                store.OnRead = _ => ScriptedStore.HangAsync();
                break;
            case Fault.PublishFails:
                store.OnPublish = (_, _) => ScriptedStore.FailAsync();
                break;
            case Fault.PublishHangs:
                store.OnPublish = (_, _) => ScriptedStore.HangAsync();
                break;
            case Fault.CheckBlocksItsThread:
                store.OnRead = _ =>
                {
                    release.Wait(Eventually.Limit, CancellationToken.None);
                    return Task.CompletedTask;
                };
                break;
        }
    }
}
