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

    [Fact, Trait("Rule", "S6")]
    public void While_no_primary_runs_a_good_standby_is_not_elected_and_the_sign_of_age_stays()
    {
        var story = Healthy(3).Passes(2);
        var old = story.Data;
        story.Reports(1, state => state with { Healthy = false, Role = null }).Silences(1)
            .Reports(2, keeper: report => report with { SeenRevision = old.Revision + 50 });

        story.Passes(30);

        story.Data.Should().BeSameAs(old, "a write would lift the revision above the sign");
        story.Pass().Reasons.Should().ContainSingle().Which.Should().BeOfType<Reason.DocumentRegressed>();
    }

    [Fact]
    public void Two_primaries_on_the_highest_timeline_are_left_to_an_operator()
    {
        var story = Healthy(3).Passes(2);
        var old = story.Data;
        Restore(story, old, seen: 50, running: 2);
        story.Reports(3, state => state with { Role = Role.Primary, TimelineId = 2 }).Reports(2, state => state with { TimelineId = 2 });

        story.Pass().Reasons.OfType<Reason.DocumentRegressed>().Single().Text.Should().Contain("k2, k3");
        story.Passes(5).Data.Should().BeSameAs(old);
    }

    [Fact]
    public void A_primary_on_a_timeline_below_one_that_was_seen_is_not_taken_for_the_newest()
    {
        var story = Healthy(2).Passes(2);
        var old = story.Data;
        Restore(story, old, seen: 50, running: 1);
        story.Reports(2, state => state with { TimelineId = 3 }).Silences(2);

        story.Passes(15).Data.Should().BeSameAs(old);
        story.Pass().Reasons.OfType<Reason.DocumentRegressed>().Single().Text.Should().Contain("timeline 3");
    }

    [Fact]
    public void A_running_primary_on_a_higher_timeline_is_a_sign_by_itself()
    {
        var story = Healthy(2).Passes(2).Edit(data => data with { Revision = 0 });
        story.Reports(2, state => state with { Role = Role.Primary, TimelineId = 2 });

        story.Pass().Reasons.Should().ContainSingle().Which.Should().BeOfType<Reason.DocumentLifted>();

        story.Data.Cluster.Status.Primary.Should().Be(Db(2));
    }

    [Fact]
    public void The_last_words_of_a_dead_keeper_are_no_running_primary()
    {
        var story = Healthy(3).Reports(1, state => state with { TimelineId = 2 }).Reports(3, state => state with { Role = Role.Primary, TimelineId = 2 });
        story.Passes(1).Silences(3).Passes(12);

        story.Reports(1, state => state with { TimelineId = 1 });

        story.Pass().Reasons.Should().NotContain(reason => reason is Reason.DocumentLifted || reason is Reason.DocumentRegressed);
        story.Data.Cluster.Status.Primary.Should().Be(Db(1));
    }

    [Fact, Trait("Rule", "I4")]
    public void While_a_cluster_is_initialised_another_timeline_is_no_sign()
    {
        var story = Empty(spec => spec with { InitMode = InitMode.Existing, ExistingConfig = new ExistingConfig { Keeper = Keeper(1) } });
        story.Reports(1, keeper: report => report with { PostgresState = new PostgresState() }).Passes(2);
        story.Reports(2, state => state with { Uid = new DbId("old"), Role = Role.Primary, TimelineId = 7 }).Passes(3);

        story.Data.Cluster.Status.Phase.Should().Be(ClusterPhase.Initializing);
        story.Data.Primary!.Spec.Keeper.Should().Be(Keeper(1));
    }

    [Fact, Trait("Rule", "M8"), Trait("Rule", "F1")]
    public void A_record_made_anew_replaces_the_past_one_of_its_keeper_and_carries_the_specification()
    {
        var story = Healthy(3, spec => spec with
        {
            AdditionalPrimaryReplicationSlots = ["extra"],
            PgParameters = spec.PgParameters.With("work_mem", "8MB"),
            PgHba = ["host all all all md5"],
        });
        story.Passes(2);
        story.Reports(2, state => state with { Uid = new DbId("db9"), Generation = 7, Role = Role.Primary, TimelineId = 2 }).Reports(1, state => state with { Healthy = false });

        story.Pass();

        story.Data.Cluster.Status.Primary.Should().Be(new DbId("db9"));
        story.Data.Databases.Keys.Should().BeEquivalentTo([Db(1), Db(3), new DbId("db9")], "a keeper has at most one db");
        story.Data.Primary.Should().BeEquivalentTo(new
        {
            Generation = 8L,
            Spec = new
            {
                Keeper = Keeper(2),
                AdditionalReplicationSlots = new[] { "extra" },
                PgParameters = new Dictionary<string, string> { ["work_mem"] = "8MB" },
                PgHba = new[] { "host all all all md5" },
            },
        });
        story.Reports(2, state => state with { Generation = 8 }).Settle();
        story.Data.Primary!.Uid.Should().Be(new DbId("db9"));
    }

    [Fact]
    public void Lifted_with_synchronous_replication_it_blocks_until_somebody_is_known_to_be_in_sync()
    {
        var story = Healthy(2, spec => spec with { SynchronousReplication = true }).Passes(2);
        Restore(story, story.Data, seen: 50, running: 2);
        story.Reports(2, state => state with { TimelineId = 2 });

        story.Pass();

        story.Data.Primary.Should().BeEquivalentTo(new
        {
            Uid = Db(2),
            Spec = new { SynchronousReplication = true, ExternalSynchronousStandbys = new[] { "stolonfakestandby" } },
            Status = new { SynchronousStandbys = Array.Empty<DbId>() },
        });
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
