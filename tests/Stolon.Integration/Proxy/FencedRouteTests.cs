using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Stolon.Hosting.Proxy;

namespace Stolon.Integration.Proxy;

/// <summary>The route and its deadline, without sockets and on a clock of the test's.</summary>
[Trait("Rule", "S1")]
public sealed class FencedRouteTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly IPEndPoint A = new(IPAddress.Loopback, 1);
    private static readonly IPEndPoint B = new(IPAddress.Loopback, 2);

    private readonly FakeTimeProvider clock = new();
    private readonly RecordingForwarder forwarder = new();
    private readonly FencedRoute route;

    public FencedRouteTests() =>
        route = new FencedRoute(new Fence(clock), forwarder, "test", stopListening: true, NullLogger.Instance);

    [Fact]
    public void A_check_whose_deadline_has_passed_already_opens_nothing()
    {
        route.TryAdopt(route.Now, A).Should().BeFalse();

        forwarder.Acts.Should().BeEmpty();
        route.Destination.Should().BeNull();
    }

    [Fact]
    [Trait("Rule", "X3")]
    public void A_route_whose_deadline_passed_ends_even_if_the_same_primary_follows()
    {
        route.TryAdopt(route.Now + Second, A);
        clock.Advance(2 * Second);
        route.Destination.Should().BeNull("nothing is forwarded past the deadline");

        route.TryAdopt(route.Now + Second, A).Should().BeTrue();

        forwarder.Acts.Should().Equal($"open {A}", "cut", $"open {A}");
    }

    [Fact]
    [Trait("Rule", "X5")]
    public void A_good_check_in_time_keeps_the_clients_and_a_new_primary_cuts_them()
    {
        route.TryAdopt(route.Now + Second, A);
        clock.Advance(Second / 2);
        route.TryAdopt(route.Now + Second, A);
        route.TryAdopt(route.Now + Second, B);

        forwarder.Acts.Should().Equal($"open {A}", "cut", $"open {B}");
    }

    [Fact]
    [Trait("Rule", "X5")]
    public async Task Nothing_is_acknowledged_before_cut_connections_have_stopped_moving()
    {
        route.TryAdopt(route.Now + Second, A);
        forwarder.Quiet = new TaskCompletionSource();

        var left = route.LeaveAllButAsync(null, TestContext.Current.CancellationToken);

        left.IsCompleted.Should().BeFalse();
        forwarder.Acts.Should().Equal($"open {A}", "leave", "cut");
        forwarder.Quiet.SetResult();
        await left;
    }

    [Fact]
    [Trait("Rule", "X5")]
    public async Task A_route_that_was_being_left_is_opened_anew_when_the_same_primary_comes_back_before_that_was_done()
    {
        route.TryAdopt(route.Now + Second, A);
        forwarder.Left = new TaskCompletionSource();
        using var limit = new CancellationTokenSource();
        var left = route.LeaveAllButAsync(null, limit.Token);
        await limit.CancelAsync();
        await FluentActions.Awaiting(() => left).Should().ThrowAsync<OperationCanceledException>();

        route.TryAdopt(route.Now + Second, A).Should().BeTrue();

        forwarder.Acts.Should().Equal([$"open {A}", "leave", "cut", $"open {A}"], "the old one lets nobody in any more");
    }

    [Fact]
    public async Task After_the_stop_nothing_opens_again()
    {
        route.TryAdopt(route.Now + Second, A);
        await route.StopAsync(TestContext.Current.CancellationToken);

        route.TryAdopt(route.Now + Second, A).Should().BeFalse();

        forwarder.Acts.Should().Equal($"open {A}", "cut", "turn away for good");
    }

    public void Dispose() => route.Dispose();

    private sealed class RecordingForwarder : IForwarder
    {
        public List<string> Acts { get; } = [];

        public TaskCompletionSource? Quiet { get; set; }

        public TaskCompletionSource? Left { get; set; }

        public IPEndPoint? ListeningOn { get; private set; }

        public IPEndPoint? Destination { get; private set; }

        public void Listen() => ListeningOn = A;

        public void StopListening() => ListeningOn = null;

        public void TurnAway(bool forGood) => Acts.Add(forGood ? "turn away for good" : "turn away");

        public void Open(IPEndPoint primary)
        {
            Acts.Add($"open {primary}");
            Destination = primary;
        }

        public Task LeaveAsync(CancellationToken cancellationToken)
        {
            Acts.Add("leave");
            return Left?.Task.WaitAsync(cancellationToken) ?? Task.CompletedTask;
        }

        public int Cut()
        {
            Acts.Add("cut");
            Destination = null;
            return 0;
        }

        public Task QuietAsync(CancellationToken cancellationToken) => Quiet?.Task ?? Task.CompletedTask;

        public void Dispose()
        {
        }
    }
}
