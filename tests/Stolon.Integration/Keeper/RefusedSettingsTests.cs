using Stolon.Cluster;
using Stolon.Hosting.Keeper;
using Stolon.Hosting.Postgres;

namespace Stolon.Integration.Keeper;

/// <summary>One mistake of the operator holds up nothing else.</summary>
public sealed class RefusedSettingsTests
{
    private static readonly DatabaseSpec Spec = new() { Keeper = new KeeperId("k1"), Role = Role.Primary };

    [Fact]
    [Trait("Rule", "K22")]
    [Trait("Rule", "S10")]
    public async Task A_parameter_that_PostgreSQL_refuses_is_reported_once_and_the_rest_is_loaded_and_converges()
    {
        await using var scene = Running();
        await scene.StartAsync();
        await scene.UntilAsync(() => scene.DbState.Generation == 2);

        await scene.ChangeDbAsync(db => db with
        {
            Generation = 3,
            Spec = db.Spec with { PgParameters = db.Spec.PgParameters.With("work_mem", "10XB").With("max_wal_size", "2GB") },
        });

        await scene.UntilAsync(() => scene.DbState.Generation == 3);
        var loaded = scene.Instance.RunningWith!.Parameters;
        loaded.Find("work_mem").Should().Be("4MB", "it was in force before");
        loaded.Find("max_wal_size").Should().Be("2GB");
        await Hosting.Eventually.Holds(async () => (await scene.ReportAsync())!.Trouble.Contains("work_mem", StringComparison.Ordinal), scene.Time);
        await scene.PassAsync(5);
        scene.Instance.Did.All.Count(entry => entry == "apply refused").Should().Be(1);
        scene.Log.Lines.Should().ContainSingle(line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("work_mem", StringComparison.Ordinal));

        await scene.ChangeDbAsync(db => db with
        {
            Generation = 4,
            Spec = db.Spec with { PgParameters = db.Spec.PgParameters.With("work_mem", "10MB") },
        });
        await scene.UntilAsync(() => scene.Instance.RunningWith!.Parameters.Find("work_mem") == "10MB" && scene.DbState.Generation == 4);
        await Hosting.Eventually.Holds(async () => (await scene.ReportAsync())!.Trouble.Length == 0, scene.Time);
    }

    [Fact]
    [Trait("Rule", "K22")]
    [Trait("Rule", "Q36")]
    public async Task A_standby_with_a_refused_parameter_is_promoted_with_every_other_parameter_loaded()
    {
        await using var scene = Running();
        scene.Instance.State = new InstanceState(Initialized: true, Running: false, Role.Standby);
        scene.Before(data => data with
        {
            Databases = data.Databases.With(KeeperScene.Db1, data.Databases[KeeperScene.Db1] with
            {
                Spec = data.Databases[KeeperScene.Db1].Spec with { PgParameters = ValueMap<string, string>.Empty.With("work_mem", "10XB").With("max_wal_size", "2GB") },
            }),
        });

        await scene.StartAsync();

        await scene.UntilAsync(() => scene.Instance.Did.All.Contains("promoted"));
        scene.Instance.RunningWith!.Parameters.Find("max_wal_size").Should().Be("2GB");
        scene.Instance.Did.All.Should().StartWith(["start failed", "start closed"], "one failed start finds the mistake");
    }

    [Fact]
    [Trait("Rule", "K22")]
    public void What_was_accepted_before_stands_in_for_what_is_refused_until_the_document_says_something_else()
    {
        var settings = new RefusedSettings();
        settings.Accept(With("Work_Mem", "4MB"), internalOnly: false);

        settings.Refuse(With("Work_Mem", "10XB"), new Refusal(["work_mem"], 0, "work_mem: no"), hbaLines: 3).Should().BeTrue();

        settings.Without(Db(With("Work_Mem", "10XB"))).Spec.PgParameters.Should().Equal(With("Work_Mem", "4MB").PgParameters);
        settings.Trouble.Should().Contain("work_mem");
        settings.Without(Db(With("work_mem", "11MB"))).Spec.PgParameters.Should().Equal(With("work_mem", "11MB").PgParameters);
        settings.Trouble.Should().BeEmpty();
    }

    [Fact]
    [Trait("Rule", "H4")]
    public void Refused_lines_of_pg_hba_leave_those_that_were_in_force()
    {
        var settings = new RefusedSettings();
        settings.Accept(Spec, internalOnly: false);
        var wrong = Spec with { PgHba = ["host all all 10.0.0.0/8 scram-sha-257"] };

        settings.Refuse(wrong, new Refusal([], 5, "line 5"), hbaLines: 4).Should().BeTrue();

        settings.Without(Db(wrong)).Spec.PgHba.Should().BeNull("the default lines were in force");
    }

    [Fact]
    [Trait("Rule", "H4")]
    public void After_a_restart_only_the_lines_before_the_mistake_are_used_since_those_after_it_might_open_what_it_was_to_close()
    {
        var settings = new RefusedSettings();
        settings.Accept(Spec, internalOnly: true);
        var wrong = Spec with { PgHba = ["host a a 10.0.0.0/8 scram-sha-256", "host a b 10.0.0.0/8 rejcet", "host a all 10.0.0.0/8 scram-sha-256"] };

        // A line of the keeper's comment, three of its own, then the operator's.
        settings.Refuse(wrong, new Refusal([], 6, "line 6"), hbaLines: 6).Should().BeTrue();

        settings.Without(Db(wrong)).Spec.PgHba!.Value.Should().Equal("host a a 10.0.0.0/8 scram-sha-256");
    }

    [Fact]
    [Trait("Rule", "K22")]
    public void What_is_not_the_operators_cannot_be_left_out()
    {
        var settings = new RefusedSettings();

        settings.Refuse(With("work_mem", "4MB"), new Refusal(["listen_addresses"], 2, "no"), hbaLines: 3).Should().BeFalse();
    }

    private static DatabaseSpec With(string name, string value) => Spec with { PgParameters = ValueMap<string, string>.Empty.With(name, value) };

    private static Database Db(DatabaseSpec spec) => new() { Uid = KeeperScene.Db1, Spec = spec };

    /// <summary>PostgreSQL takes any value of work_mem but 10XB.</summary>
    private static KeeperScene Running()
    {
        var scene = new KeeperScene().WithItsData(generation: 1);
        scene.Instance.Judge = configuration =>
            KeeperScene.Has(configuration, "work_mem", "10XB") ? new Refusal(["work_mem"], 0, "work_mem: invalid value") : null;
        return scene.Before(data => data with
        {
            Databases = data.Databases.With(KeeperScene.Db1, data.Databases[KeeperScene.Db1] with
            {
                Spec = data.Databases[KeeperScene.Db1].Spec with { PgParameters = ValueMap<string, string>.Empty.With("work_mem", "4MB") },
            }),
        });
    }
}
