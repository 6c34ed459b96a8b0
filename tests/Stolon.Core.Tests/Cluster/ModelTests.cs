using Stolon.Cluster;
using static Stolon.Core.Tests.Planning.Story;

namespace Stolon.Core.Tests.Cluster;

/// <summary>What the parts of the document mean.</summary>
public sealed class ModelTests
{
    [Theory, Trait("Rule", "M5")]
    [InlineData(1, 0, false)]
    [InlineData(3, 2, false)]
    [InlineData(3, 3, true)]
    [InlineData(3, 4, false)]
    public void A_db_is_converged_when_it_reached_the_generation_that_is_asked_for_and_no_other(long asked, long reached, bool converged) =>
        new Database
        {
            Uid = Db(1),
            Generation = asked,
            Spec = new DatabaseSpec { Keeper = Keeper(1) },
            Status = new DatabaseStatus { CurrentGeneration = reached },
        }.Converged.Should().Be(converged);

    [Fact, Trait("Rule", "M5")]
    public void What_a_keeper_reports_to_have_reached_is_what_it_has_converged_to()
    {
        var story = Healthy(1).EditSpec(spec => spec with { PgParameters = spec.PgParameters.With("work_mem", "8MB") });
        story.Pass();
        story.Passes(1).Data.Primary!.Converged.Should().BeFalse();

        story.Converge(1).Passes(1).Data.Primary!.Converged.Should().BeTrue();
    }

    [Fact, Trait("Rule", "M6")]
    public void A_cluster_begins_without_a_primary_and_its_own_generation_never_changes()
    {
        var begun = Empty().Data.Cluster;

        begun.Should().BeEquivalentTo(new
        {
            Uid = "c1",
            Generation = 1L,
            Status = new { Phase = ClusterPhase.Initializing, Primary = (DbId?)null },
        });
        Healthy(2).Silences(1).Passes(12).Data.Cluster.Should().BeEquivalentTo(new
        {
            Generation = 1L,
            Status = new { Phase = ClusterPhase.Normal, Primary = (DbId?)Db(2) },
        });
    }

    [Theory, Trait("Rule", "M7")]
    [InlineData(null, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void A_keeper_that_does_not_say_what_it_may_not_be_may_be_it(bool? says, bool may)
    {
        var story = Healthy(2).Reports(2, keeper: report => report with { CanBePrimary = says, CanBeSynchronousReplica = says }).Passes(1);

        story.EditSpec(spec => spec with { SynchronousReplication = true }).Pass();
        story.Data.Primary!.Spec.SynchronousStandbys.Contains(Db(2)).Should().Be(may);
        story.EditSpec(spec => spec with { SynchronousReplication = false }).Settle().Silences(1).Passes(12);

        (story.Data.Cluster.Status.Primary == Db(2)).Should().Be(may);
    }

    [Fact, Trait("Rule", "M9")]
    public void All_proxies_share_one_record_that_names_the_primary_and_who_may_forward_to_it()
    {
        var story = Healthy(2).Proxy("p2", 0).Proxy("p1", 0).Passes(2);

        story.Data.Proxy.Should().BeEquivalentTo(new { Uid = "", Spec = new { PrimaryDb = (DbId?)Db(1) } });
        story.Data.Proxy.Spec.EnabledProxies.Should().Equal(new ProxyId("p1"), new ProxyId("p2"));
    }
}
