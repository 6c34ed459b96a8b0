using Stolon.Cluster;
using Stolon.Routing;

namespace Stolon.Tests.Routing;

/// <summary>Rule X4, and what Q27 makes of it.</summary>
public sealed class ProxyTermsTests
{
    [Fact]
    [Trait("Rule", "X4")]
    public void A_proxy_that_promised_nothing_yet_publishes_the_specification_s_timeout()
    {
        ProxyTerms.Initial.TimeoutToPublish(Settings(8)).Should().Be(Seconds(8));
        ProxyTerms.Initial.TimeoutInForce.Should().Be(Seconds(15));
        ProxyTerms.Initial.CheckInterval.Should().Be(Seconds(5));
    }

    [Fact]
    [Trait("Rule", "X4")]
    public void A_shorter_timeout_is_published_only_after_the_longer_one_was_published_once_more()
    {
        var long15 = ProxyTerms.AfterPublication(Settings(15), Seconds(100));

        long15.TimeoutToPublish(Settings(8)).Should().Be(Seconds(15));

        var now8 = ProxyTerms.AfterPublication(Settings(8), Seconds(101));
        now8.TimeoutInForce.Should().Be(Seconds(8));
        now8.TimeoutToPublish(Settings(8)).Should().Be(Seconds(8));
    }

    [Fact]
    [Trait("Rule", "X4")]
    public void A_longer_timeout_is_published_before_it_is_used()
    {
        var short8 = ProxyTerms.AfterPublication(Settings(8), Seconds(100));

        short8.TimeoutToPublish(Settings(15)).Should().Be(Seconds(15));
        short8.TimeoutInForce.Should().Be(Seconds(8));
    }

    [Fact]
    [Trait("Rule", "X5")]
    [Trait("Rule", "Q27")]
    public void A_proxy_is_known_to_the_sentinels_for_its_timeout_after_a_publication_began()
    {
        var terms = ProxyTerms.AfterPublication(Settings(8), Seconds(100));

        terms.Cover(Seconds(107.9)).Should().BeTrue();
        terms.Cover(Seconds(108)).Should().BeFalse();
        ProxyTerms.Initial.Cover(Seconds(1)).Should().BeFalse();
    }

    [Theory]
    [InlineData(8, 20)]
    [InlineData(10, 20)]
    [InlineData(15, 30)]
    [Trait("Rule", "ST3")]
    public void A_report_lives_for_twice_the_timeout_and_at_least_20_seconds(int timeout, int timeToLive) =>
        ProxyTerms.TimeToLive(Seconds(timeout)).Should().Be(Seconds(timeToLive));

    private static ClusterSettings Settings(int timeout) => new(new ClusterSpec { ProxyTimeout = Seconds(timeout), ProxyCheckInterval = Seconds(1) });

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
