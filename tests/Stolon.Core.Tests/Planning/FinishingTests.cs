using Stolon.Cluster;
using static Stolon.Core.Tests.Planning.Story;

namespace Stolon.Core.Tests.Planning;

/// <summary>What every pass ends with: what of the specification reaches the dbs, generations, and times of change.</summary>
public sealed class FinishingTests
{
    public static TheoryData<string, Func<ClusterSpec, ClusterSpec>, Func<DatabaseSpec, bool>> Fields => new()
    {
        { "pg_hba", spec => spec with { PgHba = ["host all all all md5"] }, db => db.PgHba is { Count: 1 } },
        { "no lines of pg_hba at all", spec => spec with { PgHba = [] }, db => db.PgHba is { Count: 0 } },
        { "walsenders", spec => spec with { AdditionalWalSenders = 9 }, db => db.AdditionalWalSenders == 9 },
        { "slots", spec => spec with { MaxStandbys = 7 }, db => db.MaxStandbys == 7 },
        { "pg_rewind", spec => spec with { UsePgRewind = true }, db => db.UsePgRewind },
        { "requests", spec => spec with { RequestTimeout = TimeSpan.FromSeconds(3) }, db => db.RequestTimeout == TimeSpan.FromSeconds(3) },
    };

    [Theory, Trait("Rule", "F1"), Trait("Rule", "F2")]
    [MemberData(nameof(Fields))]
    public void What_the_operator_changes_reaches_every_db_as_one_new_generation(
        string what, Func<ClusterSpec, ClusterSpec> change, Func<DatabaseSpec, bool> arrived)
    {
        var story = Healthy(2);
        var before = story.Data;

        story.EditSpec(change).Pass();
        story.Passes(2);

        story.Data.Databases.Values.Should().OnlyContain(db => arrived(db.Spec), what);
        story.Data.Databases.Values.Should().OnlyContain(db => db.Generation == before.Databases[db.Uid].Generation + 1, what);
    }

    [Fact, Trait("Rule", "F1")]
    public void Additional_slots_are_made_on_the_primary_only()
    {
        var story = Healthy(2).EditSpec(spec => spec with { AdditionalPrimaryReplicationSlots = ["extra"] });

        story.Pass();

        story.Data.Databases[Db(1)].Spec.AdditionalReplicationSlots.Should().Equal("extra");
        story.Data.Databases[Db(2)].Spec.AdditionalReplicationSlots.Should().BeEmpty();
    }

    [Fact, Trait("Rule", "F1")]
    public void A_standby_cluster_that_is_to_follow_another_address_does()
    {
        var story = Healthy(2, spec => spec with { Role = Role.Standby, StandbyConfig = InitializationTests.Outside("host=old", "") })
            .Silences(1).Passes(12).Settle();
        story.Data.Primary!.Spec.Follow!.StandbySettings!.PrimaryConnInfo.Should().Be("host=old");

        story.EditSpec(spec => spec with { StandbyConfig = InitializationTests.Outside("host=new", "fetch %f") }).Pass();

        story.Data.Primary!.Spec.Follow.Should().BeEquivalentTo(new
        {
            StandbySettings = new { PrimaryConnInfo = "host=new" },
            ArchiveRecoverySettings = new { RestoreCommand = "fetch %f" },
        });
    }

    [Fact, Trait("Rule", "F4")]
    public void What_a_pass_decides_about_gets_its_time_and_the_rest_keeps_its_own()
    {
        var story = Healthy(2);
        var before = story.Data;

        story.Waits(5).EditSpec(spec => spec with { AdditionalPrimaryReplicationSlots = ["extra"] }).Heartbeats().Pass();

        var now = Timestamp.From(story.Time.Wall);
        story.Data.ChangeTime.Should().Be(now);
        story.Data.Databases[Db(1)].ChangeTime.Should().Be(now);
        story.Data.Databases[Db(2)].ChangeTime.Should().Be(before.Databases[Db(2)].ChangeTime).And.NotBe(now);
        story.Data.Proxy.ChangeTime.Should().Be(before.Proxy.ChangeTime).And.NotBe(now);
    }

    [Fact, Trait("Rule", "F4")]
    public void What_a_pass_sees_has_changed_too()
    {
        var story = Healthy(2).Waits(5).Reports(1).Reports(2, state => state with { XLogPos = new Lsn(5000) }).Reports(3);
        var before = story.Data;
        story.Pass();
        var seen = Timestamp.From(story.Time.Wall);

        story.Waits(1).Reports(3).Pass();

        story.Data.Databases[Db(2)].ChangeTime.Should().Be(seen);
        story.Data.Databases[Db(1)].ChangeTime.Should().NotBe(seen);
        story.Data.Keepers[Keeper(3)].ChangeTime.Should().Be(Timestamp.From(story.Time.Wall), "it is new");
        story.Data.Keepers[Keeper(1)].ChangeTime.Should().Be(before.Keepers[Keeper(1)].ChangeTime);
    }

    [Fact, Trait("Rule", "F5")]
    public void A_pass_changes_nothing_that_it_was_given()
    {
        var story = Healthy(3, spec => spec with { SynchronousReplication = true }).Proxy("p1", 0).Silences(1);
        for (var pass = 0; pass < 15; pass++)
        {
            story.Waits(1).Heartbeats();
            var seen = story.Look();
            var before = Encoding(seen.Data);

            story.Pass();

            Encoding(seen.Data).Should().Be(before);
        }
    }

    [Fact, Trait("Rule", "Q26"), Trait("Rule", "F3")]
    public void An_absent_list_and_an_empty_one_are_no_difference_and_no_new_generation()
    {
        var story = Healthy(2);
        var before = story.Data.Databases[Db(2)];
        before.Spec.SynchronousStandbys.IsNull.Should().BeTrue();

        story.Edit(data => data with
        {
            Databases = data.Databases.With(Db(2), before with { Spec = before.Spec with { SynchronousStandbys = [], AdditionalReplicationSlots = [] } }),
        }).Passes(2);

        story.Data.Databases[Db(2)].Generation.Should().Be(before.Generation);
    }

    private static string Encoding(ClusterData data) => System.Text.Encoding.UTF8.GetString(ClusterJson.Write(data));
}
