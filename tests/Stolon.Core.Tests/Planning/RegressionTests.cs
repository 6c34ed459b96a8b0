using Stolon.Cluster;
using Stolon.Planning;
using static Stolon.Core.Tests.Planning.Story;

namespace Stolon.Core.Tests.Planning;

[Trait("Rule", "Q33")]
public sealed class RegressionTests
{
    [Fact, Trait("Rule", "S6")]
    public void An_old_document_is_lifted_above_what_was_seen_with_the_running_primary()
    {
        var story = Healthy(2).Passes(2);
        var old = story.Data;
        Restore(story, old, seen: 50, running: 1);

        var plan = story.Heartbeats().Pass();

        plan.Reasons.Should().ContainSingle().Which.Should().BeOfType<Reason.DocumentLifted>();
        plan.Next.Revision.Should().BeGreaterThan(50);
        plan.Next.Databases.Values.Should().OnlyContain(db => db.Generation > old.Databases[db.Uid].Generation);
        plan.Next.Proxy.Generation.Should().BeGreaterThan(old.Proxy.Generation);
        plan.Next.Proxy.Spec.PrimaryDb.Should().BeNull();
    }

    [Fact]
    public void A_primary_elected_since_is_the_one_that_is_named()
    {
        var story = Healthy(2).Passes(2);
        Restore(story, story.Data, seen: 50, running: 2);
        story.Reports(2, state => state with { Role = Role.Primary, TimelineId = 2 }).Reports(1, state => state with { Role = Role.Primary });

        story.Pass();

        story.Data.Cluster.Status.Primary.Should().Be(Db(2));
        story.Data.Databases[Db(2)].Spec.Role.Should().Be(Role.Primary);
    }

    [Fact]
    public void Without_a_running_primary_nothing_is_written_and_the_remedy_is_named()
    {
        var story = Healthy(2).Passes(2);
        var old = story.Data;
        Restore(story, old, seen: 50, running: 0);

        var plan = story.Pass();

        plan.Reasons.OfType<Reason.DocumentRegressed>().Single().Text.Should().Contain("initMode existing");
        plan.Next.Cluster.Status.Primary.Should().Be(Db(1));
        plan.Next.Databases.Keys.Should().BeEquivalentTo(old.Databases.Keys);
        story.Passes(30).Data.Cluster.Status.Primary.Should().Be(Db(1), "no election is held on an old document");
    }

    [Theory]
    [InlineData("generation")]
    [InlineData("proxy")]
    public void A_generation_above_the_documents_shows_its_age(string sign)
    {
        var story = Healthy(2).Passes(2);
        _ = sign == "generation" ? story.Reports(2, state => state with { Generation = 99 }) : story.Proxy("p1", 99);

        var plan = story.Pass();

        plan.Reasons.Should().ContainSingle().Which.Should().BeOfType<Reason.DocumentLifted>();
        (plan.Next.Databases[Db(2)].Generation > 99 || plan.Next.Proxy.Generation > 99).Should().BeTrue();
    }

    [Fact]
    public void A_document_that_stolon_wrote_last_has_no_revision_to_compare()
    {
        var story = Healthy(2).Passes(2).Edit(data => data with { Revision = 0 });
        story.Reports(1, keeper: report => report with { SeenRevision = 50 });

        story.Pass().Reasons.OfType<Reason.DocumentLifted>().Should().BeEmpty();
    }

    [Fact, Trait("Rule", "F3")]
    public void An_ordinary_failover_is_no_sign_of_age()
    {
        var story = Healthy(3).Silences(1).Passes(12);
        story.Reports(2, state => state with { Role = Role.Primary, TimelineId = 2 });
        story.Settle();
        story.Reports(1, state => state with { Role = Role.Primary });

        story.Pass().Reasons.Should().NotContain(reason => reason is Reason.DocumentLifted || reason is Reason.DocumentRegressed);
    }

    /// <summary>An old document is in the store: keepers have seen a higher revision, and one of them (or none) runs a primary.</summary>
    private static void Restore(Story story, ClusterData old, long seen, int running)
    {
        story.Edit(_ => old);
        foreach (var n in new[] { 1, 2 })
        {
            story.Reports(n, state => state with { Role = n == running ? Role.Primary : null, Healthy = n == running }, report => report with { SeenRevision = seen });
        }
    }
}
