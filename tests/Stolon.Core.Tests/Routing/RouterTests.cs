using Stolon.Cluster;
using Stolon.Routing;

namespace Stolon.Tests.Routing;

/// <summary>Rule X2, sentence by sentence.</summary>
public sealed class RouterTests
{
    private static readonly ProxyId Own = new("0a1b2c3d");
    private static readonly DbId Db = new("db1");

    [Fact]
    [Trait("Rule", "X2")]
    public void Without_cluster_data_clients_go_nowhere_and_the_check_is_good()
    {
        var decision = Router.Next(null, Own, []);

        decision.Target.Should().BeNull();
        decision.Understood.Should().BeTrue();
        decision.Acknowledgement.Should().Be(Acknowledgement.None);
        decision.Reason.Should().BeOfType<RoutingReason.NoClusterData>();
    }

    [Fact]
    [Trait("Rule", "X2")]
    [Trait("Rule", "M1")]
    public void A_document_of_another_format_sends_clients_nowhere_and_fails_the_check()
    {
        var decision = Router.Next(Routed() with { FormatVersion = 2 }, Own, []);

        decision.Target.Should().BeNull();
        decision.Understood.Should().BeFalse();
        decision.Acknowledgement.Should().Be(Acknowledgement.None);
        decision.Reason.Text.Should().Contain("expected 1, found 2");
    }

    [Fact]
    [Trait("Rule", "X2")]
    [Trait("Rule", "M11")]
    public void An_invalid_specification_sends_clients_nowhere_and_fails_the_check()
    {
        var decision = Router.Next(Routed(), Own, ["$.cluster.spec.maxStandbys: expected at least 1, found 0"]);

        decision.Target.Should().BeNull();
        decision.Understood.Should().BeFalse();
        decision.Acknowledgement.Should().Be(Acknowledgement.None);
        decision.Reason.Text.Should().Contain("maxStandbys");
    }

    [Fact]
    [Trait("Rule", "X2")]
    public void Without_a_routing_generation_0_is_published_if_possible()
    {
        var decision = Router.Next(Document(new ProxyRecord()), Own, []);

        decision.Target.Should().BeNull();
        decision.Understood.Should().BeTrue();
        (decision.Acknowledgement, decision.Generation).Should().Be((Acknowledgement.Tried, 0));
        decision.Reason.Should().BeOfType<RoutingReason.NoRouting>();
    }

    [Fact]
    [Trait("Rule", "X2")]
    [Trait("Rule", "X5")]
    public void While_the_primary_changes_clients_go_nowhere_and_the_generation_is_acknowledged()
    {
        var decision = Router.Next(
            Document(new ProxyRecord { Generation = 7, Spec = new() { EnabledProxies = [Own] } }), Own, []);

        decision.Target.Should().BeNull();
        (decision.Acknowledgement, decision.Generation).Should().Be((Acknowledgement.Tried, 7));
        decision.Reason.Should().Be(new RoutingReason.NoPrimary(7));
    }

    [Fact]
    [Trait("Rule", "X2")]
    public void A_primary_that_the_document_does_not_hold_is_like_none()
    {
        var decision = Router.Next(
            Document(new ProxyRecord { Generation = 7, Spec = new() { PrimaryDb = new("gone"), EnabledProxies = [Own] } }), Own, []);

        decision.Target.Should().BeNull();
        (decision.Acknowledgement, decision.Generation).Should().Be((Acknowledgement.Tried, 7));
        decision.Reason.Should().Be(new RoutingReason.UnknownPrimary(new("gone"), 7));
    }

    [Theory]
    [InlineData("", "5432")]
    [InlineData("10.0.0.1", "")]
    [InlineData("10.0.0.1", "0")]
    [InlineData("10.0.0.1", "65536")]
    [InlineData("10.0.0.1", "5432 ")]
    [Trait("Rule", "X2")]
    public void An_address_that_cannot_be_used_sends_clients_nowhere_and_publishes_nothing(string host, string port)
    {
        var decision = Router.Next(Routed(host, port), Own, []);

        decision.Target.Should().BeNull();
        decision.Understood.Should().BeTrue();
        decision.Acknowledgement.Should().Be(Acknowledgement.None);
        decision.Reason.Should().BeOfType<RoutingReason.Unresolved>();
    }

    [Fact]
    [Trait("Rule", "X2")]
    public void A_host_name_that_does_not_resolve_sends_clients_nowhere_and_publishes_nothing()
    {
        var decision = Router.Next(Routed("pg1.example"), Own, []).WithoutAddress("unknown host");

        decision.Primary.Should().BeNull();
        decision.Understood.Should().BeTrue();
        decision.Acknowledgement.Should().Be(Acknowledgement.None);
        decision.Reason.Text.Should().Contain("pg1.example:5432").And.Contain("unknown host");
    }

    [Fact]
    [Trait("Rule", "X2")]
    [Trait("Rule", "X5")]
    public void A_proxy_that_is_not_listed_must_publish_but_sends_clients_nowhere()
    {
        var decision = Router.Next(Routed(), new ProxyId("stranger"), []);

        decision.Target.Should().BeNull();
        decision.Primary.Should().Be(new PrimaryAddress(Db, "10.0.0.1", 5432));
        (decision.Acknowledgement, decision.Generation).Should().Be((Acknowledgement.Required, 7));
        decision.Reason.Should().Be(new RoutingReason.NotEnabled(new("stranger"), 7));
    }

    [Fact]
    [Trait("Rule", "X2")]
    [Trait("Rule", "Q21")]
    public void A_listed_proxy_must_publish_and_sends_clients_to_the_primary_healthy_or_not()
    {
        var decision = Router.Next(Routed(), Own, []);

        decision.Target.Should().Be(new PrimaryAddress(Db, "10.0.0.1", 5432));
        decision.Understood.Should().BeTrue();
        (decision.Acknowledgement, decision.Generation).Should().Be((Acknowledgement.Required, 7));
        decision.Reason.Text.Should().Be("Routing 7: clients are sent to 10.0.0.1:5432, db db1.");
    }

    [Fact]
    [Trait("Rule", "X2")]
    public void An_IPv6_address_is_written_in_brackets() =>
        Router.Next(Routed("fd00::1"), Own, []).Target!.ToString().Should().Be("[fd00::1]:5432");

    private static ClusterData Routed(string host = "10.0.0.1", string port = "5432") =>
        Document(
            new ProxyRecord { Generation = 7, Spec = new() { PrimaryDb = Db, EnabledProxies = [Own] } },
            new Database
            {
                Uid = Db,
                Spec = new() { Keeper = new("keeper1") },
                Status = new() { Healthy = false, ListenAddress = host, Port = port },
            });

    private static ClusterData Document(ProxyRecord proxy, params Database[] databases) => new()
    {
        Cluster = new() { Uid = "c1" },
        Databases = new(databases.Select(db => KeyValuePair.Create(db.Uid, db))),
        Proxy = proxy,
    };
}
