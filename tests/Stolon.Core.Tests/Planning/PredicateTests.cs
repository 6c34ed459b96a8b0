using Stolon.Cluster;
using Stolon.Observation;
using Stolon.Planning;
using static Stolon.Core.Tests.Planning.Story;

namespace Stolon.Core.Tests.Planning;

/// <summary>The predicates P2 to P7, each asked by itself.</summary>
public sealed class PredicateTests
{
    private const ulong Segment = 16 * 1024 * 1024;

    private static readonly DateTimeOffset Wall = DateTimeOffset.UnixEpoch;

    [Fact, Trait("Rule", "P2"), Trait("Rule", "Q15")]
    public void A_db_whose_convergence_nobody_timed_yet_has_just_started() =>
        Judge(SentinelMemory.Empty).ConvergenceOf(Stuck(db => db with { Generation = 9 }), TimeSpan.FromTicks(1))
            .Should().Be(Stolon.Planning.Convergence.Converging);

    [Fact, Trait("Rule", "P2")]
    public void A_timeout_of_zero_is_none()
    {
        var db = Stuck(db => db with { Generation = 9 });
        var since = new SentinelMemory { Databases = ValueMap<DbId, SeenDatabase>.Empty.With(Db(2), new() { ConvergingTo = 9, ConvergingSince = TimeSpan.Zero }) };

        Judge(since).ConvergenceOf(db, TimeSpan.FromSeconds(30)).Should().Be(Stolon.Planning.Convergence.Failed);
        Judge(since).ConvergenceOf(db, TimeSpan.Zero).Should().Be(Stolon.Planning.Convergence.Converging);
    }

    [Theory, Trait("Rule", "P3")]
    [InlineData(1, null, 2, null, true)]    // the followed one is on a lower timeline
    [InlineData(1, null, 1, null, false)]
    [InlineData(3, 700UL, 3, 700UL, false)]
    [InlineData(3, 700UL, 3, 800UL, true)]  // the same timeline, opened at another point
    [InlineData(3, 700UL, 3, null, false)]  // without both switches it cannot be judged
    [InlineData(3, null, 3, 700UL, false)]
    [InlineData(3, 999UL, 2, null, true)]   // it left the timeline before the other one's end
    [InlineData(3, 1000UL, 2, null, false)]
    [InlineData(4, 700UL, 1, null, false)]  // a gap of more than the two switches that are reported
    public void Two_dbs_are_on_one_branch_unless_one_has_WAL_that_the_other_never_had(
        uint followed, ulong? followedSwitch, uint db, ulong? dbSwitch, bool differ) =>
        Branches.Differ(On(followed, followedSwitch), On(db, dbSwitch)).Should().Be(differ);

    [Theory, Trait("Rule", "P4")]
    [InlineData(0, "778", nameof(Validity.Unknown))]
    [InlineData(1, "778", nameof(Validity.Invalid))]
    [InlineData(1, "", nameof(Validity.Valid))]
    [InlineData(1, "777", nameof(Validity.Valid))]
    public void What_never_converged_is_not_judged_and_what_did_must_be_of_the_primarys_system(long reached, string systemId, string expected)
    {
        var db = Stuck(db => db with { Status = db.Status with { CurrentGeneration = reached, SystemId = systemId } });

        Judgement.ValidityOf(db, Primary).ToString().Should().Be(expected);
    }

    [Fact, Trait("Rule", "P4")]
    public void A_db_that_never_converged_is_not_removed_for_what_its_old_data_is()
    {
        var story = Healthy(2).Edit(data => data with
        {
            Databases = data.Databases.With(Db(2), data.Databases[Db(2)] with { Spec = data.Databases[Db(2)].Spec with { InitMode = InitMode.Resync } }),
        });

        story.Reports(2, state => state with { Generation = 0, SystemId = "778" }).Passes(2).Data.Databases.Keys.Should().Contain(Db(2));
        story.Reports(2, state => state with { Generation = story.Data.Databases[Db(2)].Generation }).Passes(1).Data.Databases.Keys.Should().NotContain(Db(2));
    }

    [Theory, Trait("Rule", "P5"), Trait("Rule", "Q4")]
    [InlineData(2, 0, null, 40, false)]
    [InlineData(3, 0, null, 1, true)]
    [InlineData(0, 59, null, 40, false)]
    [InlineData(0, 60, null, 1, true)]
    [InlineData(0, 1, 20, 15, false)]
    [InlineData(0, 1, 20, 25, true)]
    public void A_copy_has_failed_after_three_attempts_or_a_minute_without_progress_or_syncTimeout(
        int attempts, int stalled, int? syncTimeout, int seconds, bool failed)
    {
        var story = Healthy(1, spec => spec with { MaxStandbysPerSender = 1, SyncTimeout = syncTimeout is { } limit ? TimeSpan.FromSeconds(limit) : null });
        story.Reports(2, keeper: NoData).Reports(3, keeper: NoData).Passes(2).Converge(1).Passes(1);
        var copy = story.Data.DatabaseOf(Keeper(2))!.Uid;
        story.Data.DatabaseOf(Keeper(3)).Should().BeNull();

        story.Reports(2, _ => new PostgresState { Uid = copy, FailedResyncs = attempts, StalledFor = TimeSpan.FromSeconds(stalled) }).Passes(seconds);

        (story.Data.DatabaseOf(Keeper(3)) is not null).Should().Be(failed);
    }

    [Fact, Trait("Rule", "P7")]
    public void A_standby_that_is_stuck_and_needs_WAL_that_is_gone_cannot_sync() => Judge(Without(11)).CanSync(Primary, Stuck()).Should().BeFalse();

    [Theory, Trait("Rule", "P7"), Trait("Rule", "Q28")]
    [InlineData(10, 31)]
    [InlineData(11, 30)]
    public void Not_before_more_than_ten_reports_and_thirty_seconds_without_progress(int reports, int seconds) =>
        Judge(Without(reports), seconds).CanSync(Primary, Stuck()).Should().BeTrue();

    [Theory, Trait("Rule", "P7")]
    [InlineData("the primary itself")]
    [InlineData("one that follows the outside")]
    [InlineData("its first generation")]
    [InlineData("ill")]
    [InlineData("ahead of the oldest file")]
    public void Whoever_needs_no_WAL_of_the_primary_can_sync(string who)
    {
        var db = Stuck(db => who switch
        {
            "the primary itself" => db with { Uid = Db(1) },
            "one that follows the outside" => db with { Spec = db.Spec with { Follow = new FollowConfig { Type = FollowType.External } } },
            "its first generation" => db with { Generation = 1 },
            "ill" => db with { Status = db.Status with { Healthy = false } },
            _ => db with { Status = db.Status with { XLogPos = new Lsn(8 * Segment) } },
        });

        Judge(Without(11)).CanSync(Primary, db).Should().BeTrue();
    }

    [Fact, Trait("Rule", "P7")]
    public void Whoever_is_where_the_primary_is_can_sync_whatever_the_primary_has()
    {
        var behind = Primary with { Status = Primary.Status with { XLogPos = Stuck().Status.XLogPos } };

        Judge(Without(11)).CanSync(behind, Stuck()).Should().BeTrue();
    }

    [Theory, Trait("Rule", "P7")]
    [InlineData("")]
    [InlineData("no name of a file")]
    public void Everybody_can_sync_while_the_primary_does_not_say_what_it_has(string oldest)
    {
        var silent = Primary with { Status = Primary.Status with { OlderWalFile = oldest } };

        Judge(Without(11)).CanSync(silent, Stuck()).Should().BeTrue();
    }

    private static readonly Func<KeeperReport, KeeperReport> NoData = report => report with { PostgresState = new PostgresState() };

    private static Database Primary { get; } = new()
    {
        Uid = Db(1),
        Spec = new DatabaseSpec { Keeper = Keeper(1), Role = Role.Primary },
        Status = new DatabaseStatus
        {
            Healthy = true,
            CurrentGeneration = 1,
            SystemId = "777",
            TimelineId = 1,
            XLogPos = new Lsn(9 * Segment),
            OlderWalFile = "000000010000000000000008",
        },
    };

    /// <summary>db2, a standby whose next WAL the primary no longer has.</summary>
    private static Database Stuck(Func<Database, Database>? change = null)
    {
        var db = new Database
        {
            Uid = Db(2),
            Generation = 2,
            Spec = new DatabaseSpec { Keeper = Keeper(2), Role = Role.Standby, Follow = FollowConfig.Internal(Db(1)) },
            Status = new DatabaseStatus { Healthy = true, CurrentGeneration = 2, SystemId = "777", TimelineId = 1, XLogPos = new Lsn(2 * Segment) },
        };
        return change?.Invoke(db) ?? db;
    }

    /// <summary>A db at position 1000 that, if it knows, opened its timeline at a position.</summary>
    private static Database On(uint timeline, ulong? switchPoint) => Stuck(db => db with
    {
        Status = db.Status with
        {
            TimelineId = timeline,
            XLogPos = new Lsn(1000),
            TimelinesHistory = switchPoint is { } point ? [new TimelineSwitch(timeline - 1, new Lsn(point), "")] : [],
        },
    });

    /// <summary>db1 and db2 made no progress in so many reports, the first of them at zero.</summary>
    private static SentinelMemory Without(int reports)
    {
        var stuck = new SeenDatabase { StuckReports = reports, StuckSince = TimeSpan.Zero };
        return new SentinelMemory { Databases = ValueMap<DbId, SeenDatabase>.Empty.With(Db(1), stuck).With(Db(2), stuck) };
    }

    private static Judgement Judge(SentinelMemory memory, int seconds = 31)
    {
        var data = NewClusterData.Initial(new ClusterSpec { InitMode = InitMode.New }, "c1", new PassTime(TimeSpan.Zero, Wall));
        return new Judgement(data, new ClusterSettings(data.Cluster.Spec), memory, new PassTime(TimeSpan.FromSeconds(seconds), Wall));
    }
}
