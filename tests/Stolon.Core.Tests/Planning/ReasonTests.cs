using Stolon.Cluster;
using Stolon.Planning;
using static Stolon.Core.Tests.Planning.Story;

namespace Stolon.Core.Tests.Planning;

/// <summary>What an operator is told, and when the sentinel looks again by itself.</summary>
public sealed class ReasonTests
{
    [Fact, Trait("Rule", "Q5"), Trait("Rule", "Q14")]
    public void Those_that_might_have_won_are_told_by_what_they_lost()
    {
        var story = Healthy(4).Reports(2, state => state with { XLogPos = new Lsn(900) }).Silences(1);
        var plan = story.Pass();
        for (var pass = 0; pass < 20 && !plan.Reasons.OfType<Reason.PrimaryElected>().Any(); pass++)
        {
            story.Waits(1).Heartbeats();
            plan = story.Pass();
        }

        plan.Reasons.OfType<Reason.CandidateRejected>().Select(reason => reason.Text).Should().BeEquivalentTo(
            "db2 was not elected: db3 has 100 bytes more WAL (Q5).",
            "db4 was not elected: db3 has as much WAL and comes first by uid (Q14).");
    }

    [Fact, Trait("Rule", "F1"), Trait("Rule", "F3")]
    public void A_changed_specification_is_a_change_of_the_history()
    {
        var plan = Healthy(2).EditSpec(spec => spec with { MaxStandbys = 21, PgHba = ["host all all all md5"] }).Pass();

        plan.Reasons.Where(reason => reason.IsChange).Should().ContainSingle()
            .Which.Should().BeOfType<Reason.SpecificationSpread>().Which.Fields.Should().Equal("maxStandbys", "pgHBA");
    }

    [Fact, Trait("Rule", "N26"), Trait("Rule", "N27")]
    public void A_repointed_standby_and_its_slot_are_told()
    {
        var story = Healthy(3).Silences(1).Passes(12).Converge(2);

        var plan = story.Pass();

        plan.Reasons.OfType<Reason.StandbyFollows>().Should().Equal(new Reason.StandbyFollows(Db(3), Db(2)));
        plan.Reasons.OfType<Reason.FollowersChanged>().Single().Text.Should().Be("db2 keeps WAL for [db3], each in a replication slot.");
    }

    public static TheoryData<string[], string[], int, string> Sets => new()
    {
        { [], ["db2"], 0, "Commits on db1 wait for db2." },
        { ["db2"], ["db2", "db3"], 0, "Commits on db1 also wait for db3." },
        { ["db2", "db3"], ["db3"], 0, "Commits on db1 no longer wait for db2." },
        { ["db2"], ["db3", "db4"], 0, "Commits on db1 wait for db3 and db4, and no longer for db2." },
        { ["a"], [], 1, "Commits on db1 no longer wait for a. Writes on db1 wait until 1 standby is in sync." },
        { [], [], 2, "Writes on db1 wait until 2 standbys are in sync." },
        { ["db2"], ["db2"], 0, "Writes on db1 wait for no further standby." },
    };

    [Theory, Trait("Rule", "N22")]
    [MemberData(nameof(Sets))]
    public void Whom_commits_wait_for_is_said_as_an_operator_understands_it(string[] old, string[] next, int missing, string text) =>
        new Reason.SynchronousSetChanged(Db(1), Ids(old), Ids(next), missing).Text.Should().Be(text);

    [Fact, Trait("Rule", "P7"), Trait("Rule", "N16")]
    public void It_looks_again_when_a_standby_without_progress_counts_as_stuck()
    {
        const ulong Segment = 16 * 1024 * 1024;
        var story = Healthy(2).Reports(1, state => state with { XLogPos = new Lsn(9 * Segment), OlderWalFile = "000000010000000000000008" });
        story.Passes(1).Reports(2, state => state with { XLogPos = new Lsn(2 * Segment) });
        for (var report = 0; report < 13; report++)
        {
            story.Waits(2).Heartbeats().Pass();
        }

        // It has said nothing new for 24 s; its keeper goes silent now, and would be judged 10 s later.
        var plan = story.Silences(2).Pass();

        plan.WakeAt.Should().BeCloseTo(story.Memory.Databases[Db(2)].StuckSince + TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(1));
    }

    [Fact, Trait("Rule", "N3")]
    public void It_looks_again_when_a_silent_proxy_has_surely_closed()
    {
        var story = Healthy(1, spec => spec with { FailInterval = TimeSpan.FromMinutes(1) }).Proxy("p1", 0).Passes(1);

        story.Pass().WakeAt.Should().BeCloseTo(story.Now + TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(1));
    }

    [Fact, Trait("Rule", "P2")]
    public void It_looks_again_when_a_convergence_has_failed()
    {
        var story = Healthy(1, spec => spec with { FailInterval = TimeSpan.FromMinutes(5) }).EditSpec(spec => spec with { MaxStandbys = 21 });
        story.Pass();
        story.Waits(1).Heartbeats();

        story.Pass().WakeAt.Should().BeCloseTo(story.Now + TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(1));
    }

    [Fact, Trait("Rule", "N1")]
    public void It_looks_again_when_a_dead_keeper_is_to_be_forgotten()
    {
        var story = Healthy(2, spec => spec with { DeadKeeperRemovalInterval = TimeSpan.FromSeconds(15) }).Silences(2).Passes(12);
        var last = story.Data.Keepers[Keeper(2)].Status.LastHealthyTime.ToDateTimeOffset();
        story.Edit(data => data with { Databases = data.Databases.Without(Db(2)) });

        var plan = story.Heartbeats().Pass();

        plan.WakeAt.Should().BeCloseTo(last + TimeSpan.FromSeconds(15) - DateTimeOffset.UnixEpoch, TimeSpan.FromMilliseconds(1));
    }

    [Fact, Trait("Rule", "O11")]
    public void It_looks_again_when_the_patience_with_an_ill_db_ends()
    {
        var story = Healthy(2).Reports(2, state => state with { Healthy = false });
        story.Pass();
        var ill = story.Now;

        story.Passes(4).Pass().WakeAt.Should().BeCloseTo(ill + TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(1));
    }

    private static ValueList<DbId> Ids(string[] names) => names.Select(name => new DbId(name)).ToValueList();
}
