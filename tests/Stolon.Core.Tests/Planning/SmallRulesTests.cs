using System.Text;
using Stolon.Cluster;
using static Stolon.Core.Tests.Planning.Story;

namespace Stolon.Core.Tests.Planning;

public sealed class SmallRulesTests
{
    [Theory, Trait("Rule", "P1")]
    [InlineData(Role.Primary, null, true, false)]
    [InlineData(Role.Standby, FollowType.External, true, false)]
    [InlineData(Role.Standby, FollowType.Internal, false, true)]
    public void The_one_that_follows_the_outside_is_of_the_primarys_type(Role role, FollowType? follow, bool primaryType, bool standbyType)
    {
        var spec = new DatabaseSpec { Keeper = Keeper(1), Role = role, Follow = follow is { } type ? new FollowConfig { Type = type } : null };

        var db = new Database { Uid = Db(1), Spec = spec };

        db.IsPrimaryType.Should().Be(primaryType);
        db.IsStandbyType.Should().Be(standbyType);
    }

    [Theory, Trait("Rule", "P9")]
    [InlineData(Role.Primary, true)]
    [InlineData(Role.Standby, false)]
    public void A_standby_cluster_is_never_synchronous(Role role, bool synchronous) =>
        new ClusterSettings(new ClusterSpec { SynchronousReplication = true, Role = role }).SynchronousReplication.Should().Be(synchronous);

    [Fact, Trait("Rule", "P6"), Trait("Rule", "N17"), Trait("Rule", "N23")]
    public void A_copy_that_became_a_good_standby_has_its_data_and_counts()
    {
        var story = Healthy(1, spec => spec with { MaxStandbysPerSender = 1 });
        story.Reports(2, keeper: report => report with { PostgresState = new PostgresState() }).Reports(3, keeper: report => report with { PostgresState = new PostgresState() });
        story.Passes(2).Converge(1).Passes(1);
        var copy = story.Data.DatabaseOf(Keeper(2))!;
        copy.Spec.InitMode.Should().Be(InitMode.Resync);

        story.Converge().Passes(1);
        story.Settle();

        story.Data.Databases[copy.Uid].Spec.InitMode.Should().Be(InitMode.None);
        story.Data.DatabaseOf(Keeper(3)).Should().BeNull("one good standby is enough");
    }

    [Fact, Trait("Rule", "N27")]
    public void The_primary_lists_whoever_follows_it_sorted() =>
        Healthy(3).Data.Primary!.Spec.Followers.Should().Equal(Db(2), Db(3));

    [Fact, Trait("Rule", "N19")]
    public void No_more_than_the_maximum_are_waited_for()
    {
        var story = Healthy(4).EditSpec(spec => spec with { SynchronousReplication = true, MaxSynchronousStandbys = 2 });

        story.Pass();

        story.Data.Primary!.Spec.SynchronousStandbys.Should().HaveCount(2);
    }

    [Fact, Trait("Rule", "I4")]
    public void A_takeover_waits_for_ever()
    {
        var story = Empty(spec => spec with { InitMode = InitMode.Existing, ExistingConfig = new ExistingConfig { Keeper = Keeper(1) } });
        story.Reports(1, keeper: report => report with { PostgresState = new PostgresState() }).Passes(2);
        var db = story.Data.Primary!.Uid;

        story.Passes(1000);

        story.Data.Primary!.Uid.Should().Be(db);
        story.Data.Cluster.Status.Phase.Should().Be(ClusterPhase.Initializing);
    }

    [Theory, Trait("Rule", "I7"), Trait("Rule", "N28")]
    [InlineData("\"phase\":\"initializing\"", "\"phase\":\"resting\"", "$.cluster.status.phase")]
    [InlineData("\"initMode\":\"new\"", "\"initMode\":\"magic\"", "$.cluster.spec.initMode")]
    public void A_phase_or_init_mode_that_is_not_known_is_refused_when_it_is_read(string known, string unknown, string path)
    {
        var json = Encoding.UTF8.GetString(ClusterJson.Write(Empty().Data)).Replace(known, unknown, StringComparison.Ordinal);

        var read = () => ClusterJson.ReadClusterData(Encoding.UTF8.GetBytes(json));

        read.Should().Throw<ClusterDataException>().Which.Message.Should().StartWith(path);
    }

    [Fact, Trait("Rule", "K21"), Trait("Rule", "M8")]
    public void A_role_of_a_db_that_is_not_known_is_refused_when_it_is_read()
    {
        var json = Encoding.UTF8.GetString(ClusterJson.Write(Healthy(1).Data)).Replace("\"role\":\"master\"", "\"role\":\"leader\"", StringComparison.Ordinal);

        var read = () => ClusterJson.ReadClusterData(Encoding.UTF8.GetBytes(json));

        read.Should().Throw<ClusterDataException>().Which.Message.Should().StartWith("$.dbs.db1.spec.role");
    }
}
