using Stolon.Cluster;

namespace Stolon.Core.Tests.Cluster;

public class ClusterSpecAdviceTests
{
    private static readonly ClusterSpec New = new() { InitMode = InitMode.New };

    [Theory]
    [Trait("Rule", "S4")]
    [InlineData(20, 4)]
    [InlineData(10, 2)]
    [InlineData(5, 1)]
    [InlineData(4, 1)]
    [InlineData(3, 1)]
    [InlineData(2.4, 0.8)]
    [InlineData(0, 0)]
    public void The_margin_is_a_fifth_or_a_second_or_a_third_of_very_little(double failInterval, double margin) =>
        FencingMargin.Of(TimeSpan.FromSeconds(failInterval)).Should().BeCloseTo(TimeSpan.FromSeconds(margin), TimeSpan.FromMilliseconds(1));

    [Fact]
    public void Stolons_defaults_and_ours_bring_no_warning()
    {
        New.Warnings().Should().BeEmpty();
        New.WithFastDefaults().Warnings().Should().BeEmpty();
    }

    [Theory]
    [Trait("Rule", "S4")]
    [InlineData("""{"initMode":"new","failInterval":"8s","proxyTimeout":"6s","proxyCheckInterval":"1s"}""", "$.failInterval: 8s is short for a sleepInterval of 5s: a primary that is not heard for 6.4s stops*")]
    [InlineData("""{"initMode":"new","sleepInterval":"15s"}""", "$.failInterval: 20s is short for a sleepInterval of 15s*")]
    [Trait("Rule", "Q27")]
    [InlineData("""{"initMode":"new","proxyTimeout":"17s"}""", "$.proxyTimeout: 1.25 x 17s is more than the failInterval of 20s*")]
    [Trait("Rule", "S2")]
    [InlineData("""{"initMode":"new","synchronousReplication":true,"minSynchronousStandbys":0}""", "$.minSynchronousStandbys: 0 lets commits*")]
    [InlineData("""{"initMode":"new","synchronousReplication":true,"minSynchronousStandbys":4,"maxSynchronousStandbys":4}""", "$.minSynchronousStandbys: 4 is more than maxStandbysPerSender (3)*")]
    public void What_is_unwise_is_accepted_with_a_warning(string json, string warning)
    {
        ClusterSpecTests.Spec(json).Validate().Should().BeEmpty();
        ClusterSpecTests.Spec(json).Warnings().Should().ContainSingle().Which.Should().Match(warning);
    }

    [Fact]
    [Trait("Rule", "Q1")]
    [Trait("Rule", "Q17")]
    public void Our_init_fills_in_what_was_not_asked_for() => New.WithFastDefaults().Should().Be(New with
    {
        SleepInterval = TimeSpan.FromSeconds(1),
        FailInterval = TimeSpan.FromSeconds(10),
        ProxyCheckInterval = TimeSpan.FromSeconds(1),
        ProxyTimeout = TimeSpan.FromSeconds(8),
        MaxStandbyLag = 1048576,
        DefaultAuthMethod = "scram-sha-256",
        FailOnRefusal = true,
    });

    [Theory]
    [InlineData("""{"initMode":"new","sleepInterval":"5s","failInterval":"20s","proxyCheckInterval":"5s","proxyTimeout":"15s","maxStandbyLag":1,"defaultAuthMethod":"md5","failOnRefusal":false}""")]
    [InlineData("""{"initMode":"new","failInterval":"4s","sleepInterval":"1s","proxyCheckInterval":"1s","proxyTimeout":"3s","maxStandbyLag":1,"defaultAuthMethod":"md5","failOnRefusal":false}""")]
    public void What_was_asked_for_stays(string json) =>
        ClusterSpecTests.Spec(json).WithFastDefaults().Should().Be(ClusterSpecTests.Spec(json));

    [Theory]
    [InlineData("""{"initMode":"new","proxyTimeout":"15s"}""", null, 1.0)]
    [InlineData("""{"initMode":"new","sleepInterval":"8s"}""", null, 1.0)]
    [InlineData("""{"initMode":"new","proxyTimeout":"3s"}""", 10.0, 1.0)]
    [InlineData("""{"initMode":"new","proxyCheckInterval":"9s"}""", null, 9.0)]
    public void A_value_that_would_bring_an_error_or_a_warning_is_not_filled_in(string json, double? failInterval, double proxyCheckInterval)
    {
        var spec = ClusterSpecTests.Spec(json).WithFastDefaults();

        spec.Validate().Should().BeEmpty();
        spec.Warnings().Should().BeEmpty();
        spec.FailInterval?.TotalSeconds.Should().Be(failInterval);
        (spec.FailInterval is null).Should().Be(failInterval is null);
        spec.ProxyCheckInterval!.Value.TotalSeconds.Should().Be(proxyCheckInterval);
    }

    [Theory]
    [InlineData("5s", "2s", 4.0)]
    [InlineData("9.9s", "1s", 7.9)]
    [InlineData("3.2s", "500ms", 2.5)]
    [InlineData("20s", "1s", 8.0)]
    public void A_short_fail_interval_shortens_the_proxy_timeout_that_is_filled_in(string failInterval, string sleepInterval, double proxyTimeout)
    {
        var spec = ClusterSpecTests.Spec($$"""{"initMode":"new","failInterval":"{{failInterval}}","sleepInterval":"{{sleepInterval}}"}""").WithFastDefaults();

        spec.ProxyTimeout!.Value.TotalSeconds.Should().Be(proxyTimeout);
        spec.Warnings().Should().NotContain(warning => warning.StartsWith("$.proxyTimeout", StringComparison.Ordinal));
    }

    [Fact]
    public void Filling_in_twice_is_filling_in_once() =>
        New.WithFastDefaults().WithFastDefaults().Should().Be(New.WithFastDefaults());
}
