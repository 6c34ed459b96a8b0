using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Stolon.Cluster;
using Stolon.Hosting;
using Stolon.Hosting.Proxy;
using Stolon.Hosting.Time;

namespace Stolon.Integration.Proxy;

/// <summary>The primary is left: clients that are just being let in finish that, and those that come later wait.</summary>
[Trait("Rule", "X5")]
public sealed class LeavingTests : IDisposable
{
    private const string Ready = "Z\0\0\0\u0005I";

    private readonly FakeTimeProvider time = new();
    private readonly ProxyMetrics metrics = new("test", new ProxyId("p1"), "", scope: null);
    private readonly EchoServer primary = new();
    private readonly SocketForwarder forwarder;

    public LeavingTests()
    {
        var fence = new Fence(BootTimeProvider.Instance);
        fence.TryRenew(TimeSpan.FromDays(10_000));
        forwarder = new SocketForwarder(new ProxyOptions { Port = 0 }, fence, metrics, time, NullLogger.Instance);
        forwarder.Listen();
        forwarder.Open(primary.EndPoint);
    }

    [Fact]
    public async Task A_handshake_that_is_under_way_is_waited_for_and_nobody_else_is_let_in()
    {
        using var client = await EnterAsync("a part of it");

        var leaving = forwarder.LeaveAsync(TestContext.Current.CancellationToken);

        leaving.IsCompleted.Should().BeFalse();
        using var late = await Client.ConnectAsync(forwarder.ListeningOn!);
        await Eventually.TrueAsync(() => metrics.Held == 1, "the late one waits");
        (await client.EchoAsync(Ready)).Should().Be(Ready);
        await EndsAsync(leaving);
        forwarder.Cut().Should().Be(1);
        (await client.EndAsync()).Should().Be(End.Reset);
        late.Look().Should().Be(End.None);
    }

    [Fact]
    public async Task One_that_is_in_is_not_waited_for()
    {
        using var client = await EnterAsync(Ready);

        forwarder.LeaveAsync(TestContext.Current.CancellationToken).IsCompleted.Should().BeTrue();
    }

    [Fact]
    public async Task Nobody_can_hold_it_up_for_longer_than_a_quarter_of_a_second()
    {
        using var client = await EnterAsync("says nothing more, or nothing that can be read");
        var leaving = forwarder.LeaveAsync(TestContext.Current.CancellationToken);

        time.Advance(TimeSpan.FromMilliseconds(240));
        leaving.IsCompleted.Should().BeFalse();
        time.Advance(TimeSpan.FromMilliseconds(10));

        await EndsAsync(leaving);
    }

    public void Dispose()
    {
        forwarder.Dispose();
        primary.Dispose();
        metrics.Dispose();
    }

    private async Task<Client> EnterAsync(string said)
    {
        var client = await Client.ConnectAsync(forwarder.ListeningOn!);
        (await client.EchoAsync(said)).Should().Be(said);
        return client;
    }

    private Task EndsAsync(Task leaving) => Eventually.TrueAsync(
        () =>
        {
            time.Advance(TimeSpan.FromMilliseconds(1));
            return leaving.IsCompleted;
        },
        "it is left");
}
