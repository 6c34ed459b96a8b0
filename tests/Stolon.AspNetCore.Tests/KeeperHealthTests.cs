using Stolon.Cluster;
using Stolon.Hosting.Keeper;
using Stolon.Hosting.Postgres;
using Stolon.Postgres;

namespace Stolon.AspNetCore.Tests;

/// <summary>When a keeper is ready, and what it says when it is not.</summary>
public sealed class KeeperHealthTests
{
    private static readonly KeeperId Self = new("keeper1");
    private static readonly DbId Db = new("db1");

    [Theory]
    [InlineData(Role.Primary)]
    [InlineData(Role.Standby)]
    public void A_PostgreSQL_that_serves_in_the_role_that_was_asked_for_is_ready(Role role) =>
        Keeper(role, role).FindReasons().Should().BeEmpty();

    [Fact]
    public void Before_the_first_document_it_is_not_ready() =>
        (Keeper(Role.Primary, Role.Primary) with { Document = null }).FindReasons().Should().Equal("it has read no cluster data yet");

    [Fact]
    [Trait("Rule", "K12")]
    public void Without_a_db_it_is_not_ready() =>
        (Keeper(Role.Primary, Role.Primary) with { Self = new("keeper2"), Trouble = "its data is another cluster's" }).FindReasons()
            .Should().Equal("no db is assigned to it: its data is another cluster's");

    [Fact]
    public void A_stopped_PostgreSQL_is_not_ready_and_the_reason_is_said() =>
        (Keeper(Role.Primary, Role.Primary) with { Snapshot = InstanceSnapshot.Nothing, Trouble = "the port is taken" }).FindReasons()
            .Should().Equal("PostgreSQL does not run: the port is taken");

    [Fact]
    [Trait("Rule", "K9")]
    public void A_PostgreSQL_that_does_not_answer_is_not_ready()
    {
        var keeper = Keeper(Role.Primary, Role.Primary);
        var silent = keeper.Snapshot! with { Collected = null };

        (keeper with { Snapshot = silent }).FindReasons().Should().Equal("PostgreSQL does not answer yet");
        (keeper with { Snapshot = silent with { Failure = "too many clients" } }).FindReasons()
            .Should().Equal("PostgreSQL does not answer: too many clients");
    }

    [Fact]
    [Trait("Rule", "K9")]
    public void A_PostgreSQL_that_nobody_could_look_at_for_too_long_is_not_ready()
    {
        var keeper = Keeper(Role.Primary, Role.Primary);
        var old = keeper.Snapshot! with { GoodUntil = TimeSpan.FromSeconds(5) };

        (keeper with { Snapshot = old.At(TimeSpan.FromSeconds(5)) }).FindReasons().Should().BeEmpty();
        (keeper with { Snapshot = old.At(TimeSpan.FromSeconds(6)) }).FindReasons()
            .Should().ContainSingle().Which.Should().StartWith("PostgreSQL does not answer: nobody could look at it");
    }

    [Fact]
    public void The_wrong_role_is_not_ready() =>
        Keeper(asked: Role.Primary, has: Role.Standby).FindReasons()
            .Should().Equal("PostgreSQL is a standby, and the cluster data asks for a primary");

    [Fact]
    [Trait("Rule", "S4b")]
    public void A_primary_that_is_not_the_elected_one_is_not_ready()
    {
        var keeper = Keeper(Role.Primary, Role.Primary);
        var cluster = keeper.Document!.Cluster with { Status = new ClusterStatus { Phase = ClusterPhase.Normal, Primary = new DbId("db2") } };

        (keeper with { Document = keeper.Document with { Cluster = cluster } }).FindReasons().Should().Equal("another primary was elected");
    }

    [Fact]
    [Trait("Rule", "S9")]
    public void A_primary_that_is_closed_to_clients_is_not_ready()
    {
        var keeper = Keeper(Role.Primary, Role.Primary);

        (keeper with { RunningWith = keeper.RunningWith! with { InternalOnly = true } }).FindReasons()
            .Should().Equal("PostgreSQL is closed to clients");
    }

    [Fact]
    [Trait("Rule", "K23")]
    public void A_new_generation_makes_it_unready_only_when_it_cannot_be_put_in_force()
    {
        var behind = Keeper(Role.Primary, Role.Primary) with { Stored = new DbState { Uid = Db, Generation = 1 } };

        behind.FindReasons().Should().BeEmpty();
        (behind with { Trouble = "the disk is full" }).FindReasons()
            .Should().Equal("generation 2 of its db could not be put in force, 1 is: the disk is full");
    }

    [Fact]
    public void A_store_that_is_away_makes_a_standby_that_serves_not_unready() =>
        (Keeper(Role.Standby, Role.Standby) with { Trouble = "the store is away" }).FindReasons().Should().BeEmpty();

    [Fact]
    [Trait("Rule", "K15")]
    public void The_data_of_an_earlier_db_is_not_ready() =>
        (Keeper(Role.Standby, Role.Standby) with { Stored = new DbState { Uid = new DbId("db0"), Generation = 2 } }).FindReasons()
            .Should().Equal("its data is that of an earlier db");

    private static KeeperHealth Keeper(Role asked, Role has)
    {
        var db = new Database { Uid = Db, Generation = 2, Spec = new DatabaseSpec { Keeper = Self, Role = asked } };
        var document = new ClusterData
        {
            Cluster = new ClusterRecord
            {
                Uid = "c1",
                Spec = new ClusterSpec { InitMode = InitMode.New },
                Status = new ClusterStatus { Phase = ClusterPhase.Normal, Primary = asked == Role.Primary ? Db : new DbId("other") },
            },
            Databases = new([KeyValuePair.Create(Db, db)]),
        };
        var snapshot = new InstanceSnapshot
        {
            State = new InstanceState(Initialized: true, Running: true, has),
            Collected = new CollectedState { SystemId = "7", Role = has, TimelineId = 1, XLogPos = new Lsn(1000) },
        };
        var configuration = new ServerConfiguration(ValueMap<string, string>.Empty, default, RecoverySignal.None);
        return new KeeperHealth(Self, document, snapshot, configuration, new DbState { Uid = Db, Generation = 2 }, Trouble: "");
    }
}
