using Stolon.Cluster;
using static Stolon.Core.Tests.Planning.Story;

namespace Stolon.Core.Tests.Planning;

/// <summary>Which standbys commits wait for when there are two or more of them (N22), and how many standbys there are (N25).</summary>
public sealed class SyncSetTests
{
    [Fact, Trait("Rule", "N22"), Trait("Rule", "Q14")]
    public void When_fewer_shall_be_waited_for_the_most_advanced_stay()
    {
        var story = TwoInSync(3).Reports(3, state => state with { XLogPos = new Lsn(2000) }).Passes(1);

        story.EditSpec(spec => spec with { MinSynchronousStandbys = 1, MaxSynchronousStandbys = 1 }).Pass();
        story.Converge(1).Passes(1);

        Set(story).Should().Equal(Db(3));
        Known(story).Should().Equal(Db(3));
    }

    [Fact, Trait("Rule", "N22")]
    public void Of_two_that_must_be_waited_for_one_fails_and_is_waited_for_still()
    {
        var story = TwoInSync(3).Silences(3).Passes(12).Converge(1).Passes(2);

        Set(story).Should().Equal(Db(2), Db(3));
        story.Data.Primary!.Spec.ExternalSynchronousStandbys.Should().BeEmpty("a member that is missed blocks by itself");
    }

    [Fact, Trait("Rule", "N22")]
    public void Of_two_that_must_be_waited_for_both_fail_and_the_one_that_joins_drops_neither_yet()
    {
        var story = TwoInSync(4).Silences(2).Silences(3).Passes(12);

        Set(story).Should().Equal(Db(2), Db(3), Db(4));
        Known(story).Should().Equal(Db(2), Db(3));
    }

    [Fact, Trait("Rule", "N22")]
    public void With_one_standby_for_two_that_must_be_waited_for_the_fake_one_blocks()
    {
        var story = Healthy(2).EditSpec(spec => spec with { SynchronousReplication = true, MinSynchronousStandbys = 2, MaxSynchronousStandbys = 2 });

        story.Pass();

        Set(story).Should().Equal(Db(2));
        story.Data.Primary!.Spec.ExternalSynchronousStandbys.Should().Equal("stolonfakestandby");
    }

    [Fact, Trait("Rule", "N25"), Trait("Rule", "Q8")]
    public void With_more_copies_under_way_than_are_wanted_no_keeper_gets_another()
    {
        var story = Healthy(1, spec => spec with { MaxStandbysPerSender = 3 });
        foreach (var n in new[] { 2, 3, 4, 5, 6 })
        {
            story.Reports(n, keeper: report => report with { PostgresState = new PostgresState() });
        }

        story.Passes(2).Data.Databases.Should().HaveCount(4, "three copies are made");
        story.EditSpec(spec => spec with { MaxStandbysPerSender = 1 }).Converge(1).Passes(3);

        story.Data.Databases.Should().HaveCount(4);
        story.Data.DatabaseOf(Keeper(5)).Should().BeNull();
    }

    [Fact, Trait("Rule", "Q21"), Trait("Rule", "N10")]
    public void An_ill_primary_gets_the_clients_when_nobody_is_better()
    {
        var story = Healthy(1).Silences(1).Passes(12);
        story.Data.Primary!.Status.Healthy.Should().BeFalse();

        story.Edit(data => data with { Proxy = data.Proxy with { Spec = new ProxySpec() } }).Passes(1);

        story.Data.Proxy.Spec.PrimaryDb.Should().Be(Db(1));
    }

    private static ValueList<DbId> Set(Story story) => story.Data.Primary!.Spec.SynchronousStandbys;

    private static ValueList<DbId> Known(Story story) => story.Data.Primary!.Status.SynchronousStandbys;

    /// <summary>Commits wait for db2 and db3, must wait for two, and both are known to be in sync.</summary>
    private static Story TwoInSync(int keepers)
    {
        var story = Healthy(keepers, spec => spec with { SynchronousReplication = true, MinSynchronousStandbys = 2, MaxSynchronousStandbys = 2 });
        story.Reports(1, state => state with { SynchronousStandbys = [Db(2), Db(3)] }).Settle();
        Known(story).Should().Equal(Db(2), Db(3));
        return story;
    }
}
