using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Core.Tests.Postgres;

public class ParametersTests
{
    private static readonly DatabaseSpec Plain = new() { Keeper = new("keeper1") };

    private static readonly ServerSettings Server = new()
    {
        Version = new(15, 18),
        ListenAddress = "127.0.0.1",
        Port = 5433,
        SocketDirectory = "/data/run",
        LogDirectory = "/data/log",
    };

    [Fact]
    [Trait("Rule", "G1")]
    public void Captured_parameters_are_used_only_while_the_document_asks_for_them()
    {
        var server = Server with { InitPgParameters = Map(("work_mem", "8MB")) };

        Parameters.For(Plain, server).ContainsKey("work_mem").Should().BeFalse();
        Parameters.For(Plain with { IncludePreviousConfig = true }, server)["work_mem"].Should().Be("8MB");
    }

    [Fact]
    [Trait("Rule", "G1")]
    public void Captured_places_of_another_machine_are_never_used()
    {
        var captured = Map(("data_directory", "/var/lib/other"), ("hba_file", "/etc/other"), ("port", "1"), ("log_filename", "x.log"));

        var parameters = Parameters.For(Plain with { IncludePreviousConfig = true }, Server with { InitPgParameters = captured });

        parameters.Keys.Should().NotContain(["data_directory", "hba_file"]);
        parameters["port"].Should().Be("5433");
        parameters["log_filename"].Should().Be("postgresql-%a.log");
    }

    [Fact]
    [Trait("Rule", "G2")]
    public void The_operators_parameters_win_over_captured_ones_whatever_their_case()
    {
        var spec = Plain with { IncludePreviousConfig = true, PgParameters = Map(("TimeZone", "UTC"), ("work_mem", "9MB")) };

        var parameters = Parameters.For(spec, Server with { InitPgParameters = Map(("timezone", "CET"), ("work_mem", "8MB")) });

        parameters["timezone"].Should().Be("UTC");
        parameters["work_mem"].Should().Be("9MB");
        parameters.ContainsKey("TimeZone").Should().BeFalse();
    }

    [Fact]
    [Trait("Rule", "G3")]
    public void A_specification_is_told_which_of_its_parameters_are_never_used() =>
        Parameters.Unused(new ClusterSpec { PgParameters = ValueMap<string, string>.Empty.With("work_mem", "8MB").With("Listen_Addresses", "*") })
            .Should().Equal("$.pgParameters.Listen_Addresses: not used: the keeper sets it");

    [Theory]
    [Trait("Rule", "G3")]
    [InlineData(null, "replica")]
    [InlineData("replica", "replica")]
    [InlineData("minimal", "replica")]
    [InlineData("logical", "logical")]
    public void Wal_level_is_replica_unless_logical_was_asked_for(string? asked, string written) =>
        Parameters.For(Asking("wal_level", asked), Server)["wal_level"].Should().Be(written);

    [Theory]
    [Trait("Rule", "G3")]
    [InlineData(null, "128")]
    [InlineData("1GB", "1GB")]
    [InlineData("0", "0")]
    public void Wal_keep_size_is_the_operators_or_128_MB(string? asked, string written) =>
        Parameters.For(Asking("wal_keep_size", asked), Server)["wal_keep_size"].Should().Be(written);

    [Theory]
    [Trait("Rule", "G3")]
    [Trait("Rule", "Q17")]
    [InlineData("unix_socket_directories", "/data/run")]
    [InlineData("hot_standby", "on")]
    [Trait("Rule", "G4")]
    [InlineData("listen_addresses", "127.0.0.1")]
    [InlineData("port", "5433")]
    [InlineData("max_replication_slots", "20")]
    [InlineData("max_wal_senders", "47")]
    [InlineData("log_directory", "/data/log")]
    [Trait("Rule", "Q39")]
    [InlineData("restart_after_crash", "off")]
    public void What_the_keeper_manages_cannot_be_changed(string name, string value)
    {
        Parameters.For(Plain, Server)[name].Should().Be(value);
        Parameters.For(Asking(name, "something else"), Server)[name].Should().Be(value);
        Parameters.For(Asking(name.ToUpperInvariant(), "something else"), Server)[name].Should().Be(value);
    }

    [Fact]
    [Trait("Rule", "G4")]
    public void Slots_and_walsenders_follow_the_spec()
    {
        var parameters = Parameters.For(Plain with { MaxStandbys = 3, AdditionalWalSenders = 0 }, Server);

        parameters["max_replication_slots"].Should().Be("3");
        parameters["max_wal_senders"].Should().Be("8");
    }

    [Theory]
    [Trait("Rule", "G4")]
    [InlineData(true, null, "on")]
    [InlineData(true, "off", "on")]
    [InlineData(false, null, null)]
    [InlineData(false, "on", "on")]
    public void Wal_log_hints_are_on_for_pg_rewind(bool rewind, string? asked, string? written) =>
        Parameters.For(Asking("wal_log_hints", asked) with { UsePgRewind = rewind }, Server).Find("wal_log_hints").Should().Be(written);

    [Theory]
    [Trait("Rule", "Q34")]
    [InlineData(null, "200ms")]
    [InlineData("5s", "5s")]
    public void A_standby_looks_for_WAL_again_after_200_ms_unless_asked_otherwise(string? asked, string written) =>
        Parameters.For(Asking("wal_retrieve_retry_interval", asked), Server)["wal_retrieve_retry_interval"].Should().Be(written);

    [Fact]
    [Trait("Rule", "G5")]
    public void Without_synchronous_replication_nobody_is_waited_for() =>
        Parameters.For(Plain with { SynchronousStandbys = [new("a")] }, Server)["synchronous_standby_names"].Should().BeEmpty();

    [Fact]
    [Trait("Rule", "G5")]
    public void With_synchronous_replication_all_listed_ones_are_waited_for()
    {
        var spec = Plain with
        {
            SynchronousReplication = true,
            SynchronousStandbys = [new("b"), new("a")],
            ExternalSynchronousStandbys = [ObjectNames.FakeStandby],
        };

        Parameters.For(spec, Server)["synchronous_standby_names"].Should().Be("3 (stolon_a,stolon_b,stolonfakestandby)");
        Parameters.For(Plain with { SynchronousReplication = true }, Server)["synchronous_standby_names"].Should().BeEmpty();
    }

    [Theory]
    [Trait("Rule", "G6")]
    [InlineData("unix_socket_directories")]
    [InlineData("wal_keep_segments")]
    [InlineData("wal_keep_size")]
    [InlineData("hot_standby")]
    [InlineData("listen_addresses")]
    [InlineData("port")]
    [InlineData("max_replication_slots")]
    [InlineData("max_wal_senders")]
    [InlineData("wal_log_hints")]
    [InlineData("synchronous_standby_names")]
    [InlineData("primary_conninfo")]
    [InlineData("primary_slot_name")]
    [InlineData("recovery_min_apply_delay")]
    [InlineData("restore_command")]
    [InlineData("recovery_target_timeline")]
    [InlineData("recovery_target")]
    [InlineData("recovery_target_lsn")]
    [InlineData("recovery_target_name")]
    [InlineData("recovery_target_time")]
    [InlineData("recovery_target_xid")]
    [InlineData("recovery_target_action")]
    [InlineData("wal_retrieve_retry_interval")]
    [InlineData("wal_receiver_status_interval")]
    [InlineData("restart_after_crash")]
    [InlineData("log_directory")]
    [InlineData("logging_collector")]
    [InlineData("log_filename")]
    [InlineData("data_directory")]
    public void Managed_parameters_are_not_reported(string name) =>
        Parameters.WithoutManaged(Map((name, "1"), ("work_mem", "8MB"))).Should().Equal(Map(("work_mem", "8MB")));

    [Fact]
    [Trait("Rule", "G6")]
    public void Wal_level_is_reported() =>
        Parameters.WithoutManaged(Map(("wal_level", "replica"))).Keys.Should().Equal("wal_level");

    [Fact]
    [Trait("Rule", "G6")]
    [Trait("Rule", "I6")]
    public void What_the_operator_set_himself_survives_the_report()
    {
        var asked = Map(("wal_keep_size", "1GB"), ("port", "1"));

        Parameters.WithoutManaged(Map(("wal_keep_size", "1GB"), ("port", "5433")), asked).Should().Equal(Map(("wal_keep_size", "1GB")));
    }

    [Fact]
    [Trait("Rule", "G6")]
    public void Everything_that_we_write_is_managed_or_was_asked_for() =>
        Parameters.WithoutManaged(Parameters.For(Plain, Server)).Keys.Should().Equal("wal_level");

    [Fact]
    public void The_log_is_rotated_and_the_operator_may_change_how_but_not_where()
    {
        var parameters = Parameters.For(Asking("log_rotation_age", "1h"), Server);

        parameters["logging_collector"].Should().Be("on");
        parameters["log_filename"].Should().Be("postgresql-%a.log");
        parameters["log_rotation_age"].Should().Be("1h");
        Parameters.For(Plain, Server with { LogDirectory = "" }).Keys.Should().NotContain(["logging_collector", "log_directory"]);
    }

    [Theory]
    [Trait("Rule", "Q17")]
    [InlineData(13, "scram-sha-256", null, "scram-sha-256")]
    [InlineData(13, "scram-sha-256", "md5", "md5")]
    [InlineData(13, "md5", null, null)]
    [InlineData(14, "scram-sha-256", null, null)]
    [InlineData(18, "scram-sha-256", null, null)]
    public void Passwords_are_stored_as_the_lines_of_pg_hba_ask(int major, string method, string? asked, string? written) =>
        Parameters.For(Asking("password_encryption", asked), Server with { Version = new(major, 0), AuthMethod = method })
            .Find("password_encryption").Should().Be(written);

    [Fact]
    [Trait("Rule", "S10")]
    public void A_parameter_that_the_version_no_longer_has_is_left_out_and_named()
    {
        var spec = Plain with { PgParameters = Map(("old_snapshot_threshold", "1h"), ("port", "1"), ("work_mem", "8MB")) };

        Parameters.For(spec, Server)["old_snapshot_threshold"].Should().Be("1h");
        Parameters.For(spec, Server with { Version = new(17, 0) }).ContainsKey("old_snapshot_threshold").Should().BeFalse();
        Parameters.LeftOut(spec, new(17, 0)).Should().Equal(
            "pgParameters.old_snapshot_threshold is not used: PostgreSQL 17 no longer has it and would not start",
            "pgParameters.port is not used: the keeper sets it");
        Parameters.LeftOut(spec, new(16, 0)).Should().ContainSingle();
    }

    [Fact]
    [Trait("Rule", "G3")]
    [Trait("Rule", "G4")]
    public void A_primary_of_stolons_needs_no_other_parameters_than_it_had()
    {
        var sample = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Samples", "primary-postgresql.conf"))
            .Select(line => line.Split(" = ", 2)).ToDictionary(parts => parts[0], parts => parts[1].Trim('\''), StringComparer.Ordinal);
        var spec = Plain with { MaxStandbys = 20, PgParameters = Parameters.WithoutManaged(new ValueMap<string, string>(sample)) };
        var server = Server with { Port = 31433, SocketDirectory = "/tmp", LogDirectory = "" };

        var added = Parameters.For(spec, server).Except(sample).ToDictionary();

        added.Should().Equal(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["restart_after_crash"] = "off",
            ["wal_receiver_status_interval"] = "1s",
            ["wal_retrieve_retry_interval"] = "200ms",
        });
        sample.Keys.Except(Parameters.For(spec, server).Keys).Should().BeEmpty();
    }

    private static DatabaseSpec Asking(string name, string? value) =>
        value is null ? Plain : Plain with { PgParameters = Map((name, value)) };

    private static ValueMap<string, string> Map(params (string Name, string Value)[] entries) =>
        new(entries.Select(entry => KeyValuePair.Create(entry.Name, entry.Value)));
}
