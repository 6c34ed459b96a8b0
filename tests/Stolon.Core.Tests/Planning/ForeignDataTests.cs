using Stolon.Cluster;
using Stolon.Planning;
using static Stolon.Core.Tests.Planning.Story;

namespace Stolon.Core.Tests.Planning;

/// <summary>Keepers that hold data of another cluster.</summary>
[Trait("Rule", "Q32")]
public sealed class ForeignDataTests
{
    [Fact, Trait("Rule", "S7")]
    public void Three_old_keepers_all_join_after_their_data_was_given_up_and_a_stranger_months_later_does_not()
    {
        var story = Empty().Edit(data => data with { Cluster = data.Cluster with { Status = data.Cluster.Status with { DiscardData = true } } });
        foreach (var n in new[] { 1, 2, 3 })
        {
            story.Reports(n, keeper: report => Holding(report, "c0", "600"));
        }

        story.Passes(2).Data.Primary!.Spec.Should().BeEquivalentTo(new { Keeper = Keeper(1), InitMode = InitMode.New });
        story.Reports(1, keeper: report => report with { ForeignData = null, PostgresState = State(story, 1, generation: 1) }).Passes(1);

        story.Data.Cluster.Status.Should().BeEquivalentTo(new
        {
            Phase = ClusterPhase.Normal,
            DiscardData = false,
            DiscardSystemIds = new[] { "600" },
        });
        story.Reports(1, keeper: report => report with { PostgresState = State(story, 1, generation: 2) }).Passes(2);
        story.Data.Databases.Values.Select(db => db.Spec.Keeper).Should().BeEquivalentTo([Keeper(1), Keeper(2), Keeper(3)]);

        story.Reports(4, keeper: report => Holding(report, "c8", "800"));
        story.Converge(1).Passes(5).Data.DatabaseOf(Keeper(4)).Should().BeNull();
    }

    [Theory, Trait("Rule", "P12"), Trait("Rule", "N25"), Trait("Rule", "S7")]
    [InlineData("777", true)]
    [InlineData("600", false)]
    [InlineData("", false)]
    public void A_free_keeper_with_other_data_takes_no_place_of_a_standby_unless_it_is_a_copy_of_the_primary(string systemId, bool joins)
    {
        var story = Healthy(1, spec => spec with { MaxStandbysPerSender = 1 });
        story.Reports(2, keeper: report => Holding(report, "c0", systemId));
        story.Reports(3, keeper: report => report with { PostgresState = new PostgresState() });
        story.Passes(1);

        var plan = story.Passes(1).Pass();

        story.Data.Databases.Values.Single(db => db.IsStandbyType).Spec.Keeper.Should().Be(joins ? Keeper(2) : Keeper(3));
        plan.Reasons.OfType<Reason.KeeperHoldsForeignData>().Should().BeEmpty("no place is left to explain");
    }

    [Fact, Trait("Rule", "N25")]
    public void While_a_place_is_free_it_is_said_why_it_gets_none()
    {
        var story = Healthy(1).Reports(2, keeper: report => Holding(report, "c0", "600")).Passes(2);

        story.Pass().Reasons.OfType<Reason.KeeperHoldsForeignData>().Single().Text.Should().Contain("k2").And.Contain("cluster c0");
    }

    [Fact, Trait("Rule", "P5")]
    public void A_copy_that_its_keeper_will_not_make_for_the_data_that_it_holds_counts_as_failed()
    {
        var story = Healthy(1, spec => spec with { MaxStandbysPerSender = 1 });
        story.Reports(2, keeper: report => report with { PostgresState = new PostgresState() }).Passes(2);
        story.Data.DatabaseOf(Keeper(2)).Should().NotBeNull();

        story.Reports(2, keeper: report => Holding(report, "c0", "600"))
            .Reports(3, keeper: report => report with { PostgresState = new PostgresState() }).Converge(1).Passes(3);

        story.Data.DatabaseOf(Keeper(3)).Should().NotBeNull();
    }

    private static KeeperReport Holding(KeeperReport report, string cluster, string systemId) => report with
    {
        PostgresState = new PostgresState(),
        ForeignData = new ForeignData { ClusterUid = cluster, SystemId = systemId },
    };

    private static PostgresState State(Story story, int keeper, long generation) => new()
    {
        Uid = story.Data.DatabaseOf(Keeper(keeper))!.Uid,
        Generation = generation,
        Healthy = true,
        SystemId = "900",
        TimelineId = 1,
        Role = Role.Primary,
    };
}
