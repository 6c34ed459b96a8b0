using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Stolon.AspNetCore.Metrics;

namespace Stolon.AspNetCore.Tests;

/// <summary>/metrics: names, labels, and whose numbers they are.</summary>
public sealed partial class MetricsTests
{
    [Theory]
    [InlineData("stolon.keeper.last_sync_success", "s", false, "stolon_keeper_last_sync_success_seconds")]
    [InlineData("stolon.sentinel.leader_count", "{term}", true, "stolon_sentinel_leader_count")]
    [InlineData("stolon.proxy.connections.cut", "{connection}", true, "stolon_proxy_connections_cut_total")]
    [InlineData("stolon.keeper.wal_position", "By", false, "stolon_keeper_wal_position_bytes")]
    [InlineData("stolon.some-thing.seconds", "s", true, "stolon_some_thing_seconds_total")]
    public void A_name_has_its_unit_and_a_counter_says_so(string instrument, string unit, bool isCounter, string name) =>
        ExpositionFormat.Name(instrument, unit, isCounter).Should().Be(name);

    [Fact]
    public void Labels_are_sorted_and_escaped() =>
        ExpositionFormat.Labels([new("b.c", "say \"no\"\n"), new("a", @"C:\"), new("n", null)])
            .Should().Be("""{a="C:\\",b_c="say \"no\"\n",n=""}""");

    [Fact]
    [Trait("Rule", "A6")]
    public async Task Several_clusters_of_a_process_are_told_apart_and_other_hosts_are_not_heard()
    {
        var (orders, users, elsewhere) = (Names.New(), Names.New(), Names.New());
        await using var other = await Node.StartAsync(services => services.AddStolon(elsewhere).UseInMemoryStore().AddSentinel()
            .AddHttpListener(http => http.Address = "127.0.0.1:0"));
        await using var node = await Node.StartAsync(services =>
        {
            services.AddStolon(orders).UseInMemoryStore().AddSentinel().AddHttpListener(http => http.Address = "127.0.0.1:1");
            services.AddStolon(users).UseInMemoryStore().AddSentinel().AddProxy(proxy => proxy.Port = 0)
                .AddHttpListener(http => http.Address = "127.0.0.1:0");
        });

        string[] expected =
        [
            $$"""stolon_cluster_identifier{cluster_name="{{orders}}",component="sentinel"} 1""",
            $$"""stolon_cluster_identifier{cluster_name="{{users}}",component="proxy"} 1""",
            $$"""stolon_cluster_identifier{cluster_name="{{users}}",component="sentinel"} 1""",
            $$"""stolon_sentinel_is_leader{cluster_name="{{orders}}",sentinel="#"} 1""",
            $$"""stolon_sentinel_is_leader{cluster_name="{{users}}",sentinel="#"} 1""",
            $$"""stolon_sentinel_leader_count{cluster_name="{{orders}}",sentinel="#"} 1""",
            $$"""stolon_sentinel_decisions_total{cluster_name="{{users}}",kind="ClusterCreated",sentinel="#"} 1""",
            $$"""stolon_sentinel_failed_passes_total{cluster_name="{{orders}}",sentinel="#"} 0""",
            $$"""stolon_proxy_connections_accepted_total{cluster_name="{{users}}",listen="127.0.0.1:0",proxy="#"} 0""",
        ];
        await Eventually.Holds(async () => expected.All(Id().Replace((await node.GetAsync("/metrics")).Text, "\"#\"").Split('\n').Contains));
        var text = (await node.GetAsync("/metrics")).Text;
        text.Should().NotContain(elsewhere);
        Exposition.Samples(text).Should().OnlyHaveUniqueItems();
        Exposition.Check(text);
        using var answer = await node.SendAsync(HttpMethod.Get, "/metrics");
        answer.Content.Headers.ContentType!.ToString().Should().Be("text/plain; version=0.0.4; charset=utf-8");
    }

    [Fact]
    [Trait("Rule", "A6")]
    public async Task Several_sentinels_and_proxies_of_one_cluster_are_told_apart_and_the_leaders_sum_up_to_one()
    {
        await using var node = await Node.StartAsync(services => services.AddStolon(Names.New()).UseInMemoryStore()
            .AddSentinel().AddSentinel().AddProxy(proxy => proxy.Port = 0).AddProxy(proxy => proxy.Port = 0)
            .AddHttpListener(http => http.Address = "127.0.0.1:0"));

        var text = "";
        await Eventually.Holds(async () => Values(text = (await node.GetAsync("/metrics")).Text, "stolon_sentinel_is_leader").Sum() == 1);

        Values(text, "stolon_sentinel_is_leader").Should().BeEquivalentTo([0, 1]);
        Values(text, "stolon_sentinel_failed_passes_total").Should().Equal(0, 0);
        Values(text, "stolon_proxy_has_route").Should().Equal(0, 0);
        Values(text, "stolon_proxy_connections_accepted_total").Should().Equal(0, 0);
        Exposition.Check(text);
    }

    private static int[] Values(string text, string metric) =>
    [
        .. text.Split('\n').Where(line => line.StartsWith(metric + "{", StringComparison.Ordinal))
            .Select(line => int.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture)),
    ];

    /// <summary>The id of a sentinel or proxy.</summary>
    [GeneratedRegex("\"[0-9a-f]{8}\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Id();
}
