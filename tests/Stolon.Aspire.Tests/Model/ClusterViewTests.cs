using Stolon.Aspire.Running;
using Stolon.Cluster;
using Stolon.Hosting.Administration;
using Stolon.Storage;

namespace Stolon.Aspire.Tests.Model;

/// <summary>What the dashboard shows.</summary>
public sealed class ClusterViewTests
{
    private static readonly ClusterOverview Well = new()
    {
        ClusterName = "pg",
        Uid = "1",
        Phase = ClusterPhase.Normal,
        IsAvailable = true,
        PrimaryKeeper = new KeeperId("keeper1"),
        Synchronous = new SynchronousOverview { IsOn = true, Wanted = [new KeeperId("keeper0")] },
        Sentinels = [new SentinelOverview(new SentinelId("a"), IsLeader: false), new SentinelOverview(new SentinelId("b"), IsLeader: true)],
        Keepers =
        [
            new KeeperOverview { Uid = new KeeperId("keeper0"), Role = Role.Standby, IsHealthy = true, IsPostgresHealthy = true, LagBytes = 42 },
            new KeeperOverview { Uid = new KeeperId("keeper1"), Db = new DbId("75fcb530"), Role = Role.Primary, IsPrimary = true, IsHealthy = true, IsPostgresHealthy = true, TimelineId = 3 },
        ],
    };

    [Fact]
    public void Who_leads_and_who_is_waited_for() =>
        ClusterView.OfCluster(Well).Should().Contain([("stolon.primary", "keeper1"), ("stolon.sentinelLeader", "b"), ("stolon.syncStandbys", "keeper0"), ("stolon.phase", "normal")]);

    [Fact]
    public void What_stands_beside_its_name()
    {
        ClusterView.Summary(Well).Should().Be("primary keeper1, synchronous keeper0");
        ClusterView.Summary(Well with { Synchronous = new() }).Should().Be("primary keeper1");
        ClusterView.Summary(Well with { PrimaryKeeper = null }).Should().Be("no primary");
    }

    [Fact]
    public void How_far_behind_a_keeper_is()
    {
        ClusterView.OfKeeper(Well, "keeper0").Should().Contain([("stolon.role", "standby"), ("stolon.lag", "42 bytes"), ("stolon.healthy", "yes")]);
        ClusterView.OfKeeper(Well, "keeper1").Should().Contain([("stolon.role", "primary"), ("stolon.timeline", "3")]);
        ClusterView.OfKeeper(Well, "keeper7").Should().BeEmpty();
    }

    [Fact]
    public void What_is_wrong()
    {
        ClusterView.Trouble(Well).Should().BeNull();
        ClusterView.Trouble(Well with { IsAvailable = false }).Should().Be("There is no primary yet.");
        ClusterView.Trouble(Well with { IsAvailable = false, Troubles = ["It is ill.", "So is it."] }).Should().Be("It is ill. So is it.");
    }

    [Fact]
    public void All_in_words_with_the_last_decisions() =>
        ClusterView.Describe(Well with { Troubles = ["It is ill."] }, [new Decision(DateTimeOffset.UnixEpoch, "b", "PrimaryElected", "75fcb530 takes over.")])
            .ReplaceLineEndings("\n").Should().Be("""
                primary: keeper1
                keeper0: role standby, healthy yes, lag 42 bytes
                keeper1: role primary, healthy yes, timeline 3
                - It is ill.
                00:00:00 keeper1 takes over.
                """.ReplaceLineEndings("\n"));
}
