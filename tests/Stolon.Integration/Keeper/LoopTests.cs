using Stolon.Cluster;
using Stolon.Hosting.Postgres;

namespace Stolon.Integration.Keeper;

/// <summary>What the loops of a keeper do together.</summary>
public sealed class LoopTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Rule", "Q32")]
    [Trait("Rule", "S6")]
    [Trait("Rule", "S7")]
    [Trait("Rule", "K8")]
    public async Task A_keeper_that_starts_over_data_of_another_cluster_waits_for_the_first_look_and_then_touches_nothing_and_reports_it()
    {
        var looked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var scene = new KeeperScene().WithDataOf("c0000000");
        scene.Instance.BeforeControl = () => looked.Task;
        await scene.StartAsync();

        await scene.PassAsync(3);
        scene.KeeperState.ClusterUid.Should().Be("c0000000", "nobody has looked yet");
        (await scene.ReportAsync()).Should().BeNull("a report without the foreign data would offer the keeper to a sentinel as empty");
        looked.SetResult();

        await Hosting.Eventually.Holds(async () => (await scene.ReportAsync())?.ForeignData?.SystemId == "777", scene.Time);
        await scene.PassAsync(3);
        scene.KeeperState.ClusterUid.Should().Be("c0000000");
        scene.Instance.Did.All.Should().BeEmpty();
    }

    [Fact]
    [Trait("Rule", "S4")]
    [Trait("Rule", "S12")]
    [Trait("Rule", "K19")]
    public async Task A_promotion_that_replays_for_longer_than_the_failInterval_is_not_fenced()
    {
        var replayed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var scene = Promoting(ended => replayed.Task.WaitAsync(ended));
        await scene.StartAsync();
        await scene.UntilAsync(() => scene.Instance.Did.All.Contains("promote"));

        await scene.PassAsync(25);
        scene.Instance.Did.All.Should().NotContain(entry => entry.StartsWith("stop", StringComparison.Ordinal));
        scene.Instance.Deadline.Should().BeGreaterThan(Stolon.Hosting.Time.ClockInstants.Now(scene.Time), "the guard is told to wait");
        replayed.SetResult();

        await scene.UntilAsync(() => scene.Instance.Did.All.Contains("promoted"));
        await scene.PassAsync(3);
        scene.Instance.Did.All.Should().NotContain(entry => entry.StartsWith("stop", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Rule", "S4b")]
    [Trait("Rule", "S12")]
    public async Task A_promotion_is_given_up_and_forgotten_by_PostgreSQL_when_another_is_elected_meanwhile()
    {
        await using var scene = Promoting(ended => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ended));
        await scene.StartAsync();
        await scene.UntilAsync(() => scene.Instance.Did.All.Contains("promote"));

        await scene.ChangeAsync(data => data with { Cluster = data.Cluster with { Status = data.Cluster.Status with { Primary = new DbId("db2") } } });

        await scene.UntilAsync(() => scene.Instance.Did.All.Contains("stop Fast"));
        await scene.PassAsync(3);
        scene.Instance.Did.All.Should().NotContain("promoted");
        scene.Instance.Deadline.Should().BeNull("it is a standby again, which may run without the store");
    }

    [Fact]
    [Trait("Rule", "S4")]
    public async Task A_step_that_fails_again_and_again_does_not_keep_the_document_from_being_read()
    {
        await using var scene = new KeeperScene().WithItsData(generation: 1);
        await scene.StartAsync();
        await scene.UntilAsync(() => scene.DbState.Generation == 2);
        scene.Instance.Judge = _ => throw new PostgresInstanceException("The test lets it fail.");
        await scene.ChangeDbAsync(db => db with { Generation = 3, Spec = db.Spec with { PgParameters = db.Spec.PgParameters.With("work_mem", "8MB") } });
        await scene.UntilAsync(() => scene.Memory.Trouble.Contains("lets it fail", StringComparison.Ordinal));

        await scene.PassAsync(30);
        scene.Instance.Did.All.Should().NotContain(entry => entry.StartsWith("stop", StringComparison.Ordinal));
        scene.Instance.Judge = _ => null;

        await scene.UntilAsync(() => scene.DbState.Generation == 3);
    }

    [Fact]
    [Trait("Rule", "S11")]
    public async Task What_PostgreSQL_said_stands_in_the_log_and_the_trouble_is_one_line()
    {
        await using var scene = new KeeperScene().WithItsData(generation: 1);
        await scene.StartAsync();
        await scene.UntilAsync(() => scene.DbState.Generation == 2);
        scene.Instance.Judge = _ => throw new PostgresInstanceException("It failed. PostgreSQL said:\nFATAL: one\nHINT: two") { Summary = "It failed." };
        await scene.ChangeDbAsync(db => db with { Generation = 3, Spec = db.Spec with { PgParameters = db.Spec.PgParameters.With("work_mem", "8MB") } });

        await scene.UntilAsync(() => scene.Memory.Trouble.Length > 0);

        scene.Memory.Trouble.Should().Be("It failed.");
        scene.Log.Lines.Should().Contain(line => line.Contains("FATAL: one\nHINT: two", StringComparison.Ordinal));
        new PostgresInstanceException("one\ntwo").Summary.Should().Be("one two");
    }

    [Fact]
    [Trait("Rule", "G3")]
    public async Task A_parameter_that_an_operator_cannot_set_is_named_once()
    {
        await using var scene = new KeeperScene().WithItsData();
        scene.Before(data => data with
        {
            Databases = data.Databases.With(KeeperScene.Db1, data.Databases[KeeperScene.Db1] with
            {
                Spec = data.Databases[KeeperScene.Db1].Spec with { PgParameters = ValueMap<string, string>.Empty.With("port", "1") },
            }),
        });
        await scene.StartAsync();

        await scene.UntilAsync(() => scene.Instance.Did.All.Contains("apply open"));
        await scene.PassAsync(5);

        scene.Log.Lines.Should().ContainSingle(line => line.Contains("pgParameters.port is not used", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Rule", "K24")]
    public async Task A_slot_that_somebody_uses_is_complained_of_once_and_keeps_nobody_waiting()
    {
        await using var scene = new KeeperScene().WithItsData(generation: 1);
        scene.Instance.Slots = ["stolon_gone"];
        await scene.StartAsync();

        await scene.UntilAsync(() => scene.DbState.Generation == 2 && scene.Instance.Did.All.Contains("slots"));
        await scene.PassAsync(5);

        scene.Instance.Did.All.Should().Contain("apply open");
        scene.Log.Lines.Should().ContainSingle(line => line.Contains("stolon_gone", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Rule", "Q39")]
    [Trait("Rule", "K19")]
    public async Task A_PostgreSQL_that_ended_unexpectedly_is_told_in_one_warning_and_started_closed()
    {
        await using var scene = new KeeperScene().WithItsData();
        await scene.StartAsync();
        await scene.UntilAsync(() => scene.Instance.Did.All.Contains("apply open"));
        await scene.PassAsync(2);

        scene.Instance.Die("it was ended by signal 9.");
        await scene.UntilAsync(() => scene.Instance.Did.All.Count(entry => entry == "apply open") == 2);
        await scene.PassAsync(2);

        scene.Instance.Did.All.Should().ContainInOrder("start closed", "apply open", "start closed", "apply open");
        scene.Log.Lines.Where(line => line.StartsWith("Warning", StringComparison.Ordinal))
            .Should().ContainSingle().Which.Should().Contain("ended unexpectedly").And.Contain("closed to clients").And.Contain("signal 9");
        scene.Memory.FailedStarts.Should().Be(0);
    }

    [Fact]
    [Trait("Rule", "K7")]
    public async Task An_instance_that_ends_before_it_answers_counts_as_a_failed_start_and_the_log_says_why()
    {
        await using var scene = new KeeperScene().WithItsData();
        await scene.StartAsync();
        await scene.UntilAsync(() => scene.Instance.Did.All.Contains("start closed"));
        scene.Memory.StartedWithoutAnswer = true;

        scene.Instance.Die("it ended with status 1. PostgreSQL said: no shared memory");
        scene.Memory.LookAgain.Ring();

        await scene.UntilAsync(() => scene.Log.Lines.Any(line => line.Contains("before it answered", StringComparison.Ordinal) && line.Contains("no shared memory", StringComparison.Ordinal)));
    }

    [Fact]
    [Trait("Rule", "S12")]
    public async Task What_nobody_foresaw_ends_no_keeper_and_no_PostgreSQL()
    {
        var published = 0;
        await using var scene = new KeeperScene().WithItsData();
        await scene.StartAsync();
        await scene.UntilAsync(() => scene.Instance.Did.All.Contains("apply open"));
        scene.Store.BeforePublish = () => ++published == 1 ? throw new InvalidOperationException("nobody foresaw this") : Task.CompletedTask;

        await scene.UntilAsync(() => published > 3);

        scene.Log.Lines.Where(line => line.StartsWith("Error", StringComparison.Ordinal)).Should().ContainSingle().Which.Should().Contain("begun anew");
        scene.Instance.Did.All.Should().NotContain(entry => entry.StartsWith("stop", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Rule", "K7")]
    public async Task An_instance_that_ends_right_after_every_start_is_not_started_as_fast_as_its_ends_ring()
    {
        await using var scene = new KeeperScene().WithItsData();
        await scene.StartAsync();
        await scene.UntilAsync(() => scene.Instance.Did.All.Contains("start closed"));
        scene.Memory.FailedStarts = 3;
        scene.Instance.BeforeCollect = () => throw new PostgresInstanceException("it does not answer");
        var before = scene.Memory.PassAgain;

        await scene.PassAsync(0.5);
        var reads = scene.Store.Reads;
        for (var ring = 0; ring < 20; ring++)
        {
            before.Ring();
            await scene.PassAsync(0.01);
        }

        scene.Store.Reads.Should().BeLessThan(reads + 10, "passes keep a pause, whoever rings");
    }

    [Fact]
    [Trait("Rule", "K7")]
    public async Task A_data_directory_that_cannot_be_looked_at_for_a_moment_ends_no_loop()
    {
        await using var scene = new KeeperScene().WithItsData();
        await scene.StartAsync();
        await scene.UntilAsync(() => scene.Instance.Did.All.Contains("apply open"));
        scene.Instance.Look = () => throw new IOException("Input/output error");
        await scene.UntilAsync(() => scene.Log.Lines.Any(line => line.Contains("Input/output error", StringComparison.Ordinal)));

        scene.Instance.Look = null;
        await scene.ChangeDbAsync(db => db with { Generation = 3 });

        await scene.UntilAsync(() => scene.DbState.Generation == 3);
        scene.Log.Lines.Should().ContainSingle(line => line.Contains("Input/output error", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Rule", "O2")]
    public async Task The_first_reports_of_a_cluster_come_close_together_because_a_sentinel_believes_one_that_it_saw_change()
    {
        await using var scene = new KeeperScene().Before(data => data with { Databases = ValueMap<DbId, Database>.Empty });
        await scene.StartAsync();
        await scene.UntilAsync(() => scene.Memory.DocumentClusterUid.Length > 0);
        await scene.PassAsync(0.1);
        var first = await scene.ReportAsync();
        first!.ClusterUid.Should().Be(scene.Document.Cluster.Uid);

        await scene.PassAsync(0.5);

        (await scene.ReportAsync())!.InfoUid.Should().NotBe(first.InfoUid, "half a sleepInterval has gone by");
    }

    [Fact]
    [Trait("Rule", "K7")]
    public async Task An_instance_that_runs_without_being_ours_and_does_not_answer_is_asked_at_a_bounded_rate()
    {
        await using var scene = new KeeperScene().WithItsData();
        scene.Instance.State = new InstanceState(Initialized: true, Running: true, Role.Standby);
        scene.Instance.BeforeCollect = () => throw new PostgresInstanceException("The database system is starting up.");
        await scene.StartAsync();
        await scene.UntilAsync(() => scene.Instance.Collections > 0);

        await scene.PassAsync(10);

        scene.Instance.Collections.Should().BeInRange(10, 45, "it is asked about every half second, and after a step");
    }

    private static KeeperScene Promoting(Func<CancellationToken, Task> during)
    {
        var scene = new KeeperScene().WithItsData();
        scene.Instance.State = new InstanceState(Initialized: true, Running: false, Role.Standby);
        scene.Instance.DuringPromotion = during;
        return scene;
    }
}
