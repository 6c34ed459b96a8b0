using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Stolon.Hosting.DependencyInjection;

namespace Stolon.Integration.Hosting;

public sealed class ClusterHostTests
{
    private static readonly ImmutableArray<RoleKind> Mixed = [RoleKind.Keeper, RoleKind.Proxy, RoleKind.Sentinel, RoleKind.Keeper];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly ConcurrentQueue<string> events = new();
    private readonly ListLogger<ClusterHost> log = new();

    [Fact]
    [Trait("Rule", "K6")]
    public async Task Proxies_stop_first_and_keepers_last_whatever_the_order_of_registration()
    {
        await using var host = Host(kind => new Role(kind, events));
        await host.StartAsync(Cancel);

        await host.StopAsync(Cancel);

        events.Where(line => line.StartsWith("stop", StringComparison.Ordinal))
            .Should().Equal("stop Proxy", "stop Sentinel", "stop Keeper", "stop Keeper");
    }

    [Fact]
    [Trait("Rule", "S12")]
    public async Task A_role_that_does_not_stop_or_fails_to_keeps_nobody_else_from_stopping()
    {
        await using var host = Host(kind => new Role(kind, events)
        {
            Hangs = kind == RoleKind.Proxy,
            FailsToStop = kind == RoleKind.Sentinel,
        });
        await host.StartAsync(Cancel);

        await host.StopAsync(Cancel);

        events.Should().Contain("stop Keeper");
        log.Lines.Should().Contain(line => line.Contains("did not stop in time", StringComparison.Ordinal))
            .And.Contain(line => line.Contains("failed to stop", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Rule", "S10")]
    public async Task A_role_that_cannot_start_stops_those_that_did()
    {
        await using var host = Host(kind => new Role(kind, events) { FailsToStart = kind == RoleKind.Proxy });

        await FluentActions.Awaiting(() => host.StartAsync(Cancel)).Should().ThrowAsync<InvalidOperationException>();

        events.Where(line => line == "stop Keeper").Should().HaveCount(2);
    }

    [Fact]
    [Trait("Rule", "K3")]
    public async Task A_role_that_ends_with_an_error_ends_the_host()
    {
        await using var host = Host(kind => new Role(kind, events) { FailsLater = kind == RoleKind.Keeper });

        await host.StartAsync(Cancel);

        await FluentActions.Awaiting(() => host.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, Cancel))
            .Should().ThrowAsync<InvalidOperationException>();
        await host.StopAsync(Cancel);
    }

    private ClusterHost Host(Func<RoleKind, IHostedService> create) => new(
        "orders",
        () => [.. Mixed.Select(kind => (kind, create(kind)))],
        TimeSpan.FromSeconds(1),
        TimeProvider.System,
        log);

    private sealed class Role(RoleKind kind, ConcurrentQueue<string> events) : BackgroundService
    {
        public bool FailsToStart { get; init; }

        public bool FailsToStop { get; init; }

        public bool FailsLater { get; init; }

        public bool Hangs { get; init; }

        public override Task StartAsync(CancellationToken cancellationToken) =>
            FailsToStart ? Task.FromException(new InvalidOperationException("cannot start")) : base.StartAsync(cancellationToken);

        public override async Task StopAsync(CancellationToken cancellationToken)
        {
            events.Enqueue($"stop {kind}");
            if (FailsToStop)
            {
                throw new InvalidOperationException("cannot stop");
            }

            await Task.Delay(Hangs ? Timeout.InfiniteTimeSpan : TimeSpan.Zero, TimeProvider.System, cancellationToken);
            await base.StopAsync(cancellationToken);
        }

        protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
            FailsLater
                ? Task.FromException(new InvalidOperationException("lost its data directory"))
                : Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stoppingToken);
    }
}
