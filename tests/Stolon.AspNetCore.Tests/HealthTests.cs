using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace Stolon.AspNetCore.Tests;

/// <summary>What /livez and /readyz say of roles that have trouble.</summary>
public sealed class HealthTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private AlteredStore store = null!;

    [Fact]
    [Trait("Rule", "S12")]
    public async Task A_loop_that_hangs_fails_liveness_and_is_named_with_its_time()
    {
        await using var node = await SentinelAsync();
        await Ready(node);
        store.Hang();
        await Eventually.Passes(TimeSpan.FromSeconds(30), time);
        (await node.GetAsync("/livez")).Should().Be((HttpStatusCode.OK, "ok\n"), "a busy machine gets some time");

        await Eventually.Passes(TimeSpan.FromSeconds(20), time);

        // The clock stands still now: the other loops come to their turn, and only the one that hangs is named.
        const string Named = @"^orders: sentinel [0-9a-f]{8}: the planning loop has not advanced for (49|50) s \(at most 10 s were expected\)\n$";
        await Eventually.Holds(async () =>
            await node.GetAsync("/livez") is (HttpStatusCode.ServiceUnavailable, var text) && Regex.IsMatch(text, Named, RegexOptions.None | RegexOptions.ExplicitCapture, Limit));
    }

    [Fact]
    [Trait("Rule", "S12")]
    public async Task A_store_that_is_away_fails_readiness_with_its_reason_but_not_liveness_and_passes()
    {
        await using var node = await SentinelAsync();
        await Ready(node);

        store.GoAway();

        await Eventually.Holds(async () => (await node.GetAsync("/readyz")).Status == HttpStatusCode.ServiceUnavailable, time);
        (await node.GetAsync("/readyz")).Text.Should().MatchRegex(
            "^orders: sentinel [0-9a-f]{8}: its last pass failed: the test took the store away\n$");
        await Eventually.Passes(TimeSpan.FromSeconds(45), time);
        await Eventually.Holds(async () => (await node.GetAsync("/livez")).Status == HttpStatusCode.OK, time);
        store.ComeBack();
        await Ready(node);
    }

    [Fact]
    public async Task A_reason_of_several_lines_is_said_in_one()
    {
        await using var node = await SentinelAsync();
        await Ready(node);

        store.GoAway("one\r\ntwo\nthree");

        await Eventually.Holds(
            async () => (await node.GetAsync("/readyz")).Text.EndsWith(": its last pass failed: one two three\n", StringComparison.Ordinal), time);
    }

    [Fact]
    [Trait("Rule", "X2")]
    public async Task A_proxy_without_a_primary_is_alive_and_not_ready_and_says_why()
    {
        await using var node = await Node.StartAsync(services => services.AddStolon(Names.New()).UseInMemoryStore()
            .AddProxy(proxy => proxy.Port = 0)
            .AddHttpListener(http => http.Address = "127.0.0.1:0"));

        await Eventually.Holds(async () => (await node.GetAsync("/readyz")).Text.Contains("no cluster data", StringComparison.Ordinal));

        (await node.GetAsync("/readyz")).Should().Match<(HttpStatusCode Status, string Text)>(
            answer => answer.Status == HttpStatusCode.ServiceUnavailable && answer.Text.Contains("proxy 127.0.0.1:0: no client is forwarded: "));
        (await node.GetAsync("/livez")).Status.Should().Be(HttpStatusCode.OK);
        (await node.GetAsync("/metrics")).Text.Should().MatchRegex("stolon_proxy_has_route\\{.*\\} 0\n");
    }

    [Fact]
    [Trait("Rule", "X3")]
    public async Task A_store_that_hangs_leaves_a_proxy_alive_and_the_reason_is_said()
    {
        await using var node = await Node.StartAsync(services =>
        {
            services.AddSingleton<TimeProvider>(time);
            services.AddStolon("orders").UseInMemoryStore().AddProxy(proxy => proxy.Port = 0).AddHttpListener(http => http.Address = "127.0.0.1:0");
            store = AlteredStore.Over(services, "orders", time);
        });
        store.Hang();

        await Eventually.Holds(
            async () => await node.GetAsync("/readyz") is (HttpStatusCode.ServiceUnavailable, var text)
                && text.Contains("proxy 127.0.0.1:0: no client is forwarded, the last check failed: The store did not answer within", StringComparison.Ordinal)
                && text.EndsWith("proxy 127.0.0.1:0: it does not listen\n", StringComparison.Ordinal),
            time);
        await Eventually.Passes(TimeSpan.FromSeconds(60), time);

        await Eventually.Holds(async () => (await node.GetAsync("/livez")).Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_program_with_endpoints_of_its_own_gets_the_same_as_health_checks()
    {
        await using var node = await SentinelAsync(services => services.AddHealthChecks().AddStolon("orders"));
        await Ready(node);
        var checks = node.Services.GetRequiredService<HealthCheckService>();
        (await checks.CheckHealthAsync(TestContext.Current.CancellationToken)).Status.Should().Be(HealthStatus.Healthy);

        store.GoAway();
        await Eventually.Holds(async () => (await node.GetAsync("/readyz")).Status == HttpStatusCode.ServiceUnavailable, time);
        var report = await checks.CheckHealthAsync(TestContext.Current.CancellationToken);

        report.Entries["stolon-orders-live"].Should().Match<HealthReportEntry>(
            entry => entry.Status == HealthStatus.Healthy && entry.Tags.Single() == StolonHealthCheckExtensions.LiveTag);
        report.Entries["stolon-orders-ready"].Should().Match<HealthReportEntry>(
            entry => entry.Status == HealthStatus.Unhealthy && entry.Tags.Single() == StolonHealthCheckExtensions.ReadyTag);
        report.Entries["stolon-orders-ready"].Description.Should().Contain("the test took the store away");
    }

    private Task<Node> SentinelAsync(Action<IServiceCollection>? register = null) => Node.StartAsync(services =>
    {
        services.AddSingleton<TimeProvider>(time);
        services.AddStolon("orders").UseInMemoryStore().AddSentinel().AddHttpListener(http => http.Address = "127.0.0.1:0");
        store = AlteredStore.Over(services, "orders", time);
        register?.Invoke(services);
    });

    private Task Ready(Node node) => Eventually.Holds(async () => await node.GetAsync("/readyz") is (HttpStatusCode.OK, "ok\n"), time);
}
