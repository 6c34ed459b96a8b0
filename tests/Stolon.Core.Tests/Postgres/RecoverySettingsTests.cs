using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Core.Tests.Postgres;

public class RecoverySettingsTests
{
    private static readonly StandbySettings Outside = new() { PrimaryConnInfo = "host=remote user=repl", PrimarySlotName = "remote_slot", RecoveryMinApplyDelay = "5min" };
    private static readonly ArchiveRecoverySettings Archive = new() { RestoreCommand = "cp '/wal/%f' \"%p\"" };

    [Fact]
    [Trait("Rule", "C1")]
    [Trait("Rule", "C2")]
    public void A_standby_follows_a_db_through_its_own_slot()
    {
        var recovery = RecoverySettings.Following(new("1006c5d6"), new("127.0.0.1", 31433, "repluser", "ignored"), "/data/replication.pass");

        recovery.Signal.Should().Be(RecoverySignal.Standby);
        recovery.Parameters.Should().Equal(Map(
            ("primary_conninfo", "application_name=stolon_1006c5d6 host=127.0.0.1 passfile=/data/replication.pass port=31433 sslmode=prefer user=repluser"),
            ("primary_slot_name", "stolon_1006c5d6"),
            ("recovery_target_timeline", "latest")));
    }

    [Fact]
    [Trait("Rule", "C1")]
    public void A_standby_cluster_follows_the_outside()
    {
        var recovery = RecoverySettings.FollowingOutside(Outside, Archive);

        recovery.Signal.Should().Be(RecoverySignal.Standby);
        recovery.Parameters.Should().Equal(Map(
            ("primary_conninfo", "host=remote user=repl"),
            ("primary_slot_name", "remote_slot"),
            ("recovery_min_apply_delay", "5min"),
            ("restore_command", "cp '/wal/%f' \"%p\""),
            ("recovery_target_timeline", "latest")));
        RecoverySettings.FollowingOutside(null, null).Parameters.Should().Equal(Map(("recovery_target_timeline", "latest")));
        RecoverySettings.FollowingOutside(new() { PrimarySlotName = "s" }, new()).Parameters.Keys.Should().Equal("primary_slot_name", "recovery_target_timeline");
    }

    [Fact]
    [Trait("Rule", "C1")]
    [Trait("Rule", "K26")]
    public void A_restore_goes_to_the_end_of_the_archive_unless_it_has_a_target()
    {
        var recovery = RecoverySettings.Restoring(new() { ArchiveRecoverySettings = Archive }, follow: null);

        recovery.Signal.Should().Be(RecoverySignal.Recovery);
        recovery.Parameters.Should().Equal(Map(("restore_command", "cp '/wal/%f' \"%p\""), ("recovery_target_timeline", "latest")));
    }

    [Theory]
    [Trait("Rule", "C1")]
    [InlineData("recovery_target", "immediate")]
    [InlineData("recovery_target_lsn", "0/3000000")]
    [InlineData("recovery_target_name", "before upgrade")]
    [InlineData("recovery_target_time", "2024-01-02 03:04:05+00")]
    [InlineData("recovery_target_xid", "1234")]
    [InlineData("recovery_target_timeline", "3")]
    public void A_restore_with_a_target_stops_there_and_promotes(string name, string value)
    {
        var target = name switch
        {
            "recovery_target" => new RecoveryTargetSettings { Target = value },
            "recovery_target_lsn" => new() { TargetLsn = value },
            "recovery_target_name" => new() { TargetName = value },
            "recovery_target_time" => new() { TargetTime = value },
            "recovery_target_xid" => new() { TargetXid = value },
            _ => new RecoveryTargetSettings { TargetTimeline = value },
        };

        RecoverySettings.Restoring(new() { RecoveryTargetSettings = target }, follow: null).Parameters
            .Should().Equal(Map((name, value), ("recovery_target_action", "promote")));
    }

    [Fact]
    [Trait("Rule", "K26")]
    public void A_restore_of_a_standby_cluster_goes_on_as_a_standby()
    {
        var follow = new FollowConfig { Type = FollowType.External, StandbySettings = Outside };

        var recovery = RecoverySettings.Restoring(new() { ArchiveRecoverySettings = Archive }, follow);

        recovery.Signal.Should().Be(RecoverySignal.Standby);
        recovery.Parameters.Keys.Should().Equal(
            "primary_conninfo", "primary_slot_name", "recovery_min_apply_delay", "recovery_target_timeline", "restore_command");
    }

    [Fact]
    [Trait("Rule", "C3")]
    public void Recovery_parameters_are_written_only_with_a_signal_file()
    {
        var parameters = Map(("port", "5432"), ("primary_slot_name", "old"));

        var standby = RecoverySettings.Following(new("a"), new("h", 1, "u", ""), null).With(parameters, ["local all all trust"]);
        var primary = (RecoverySettings.None with { Parameters = Map(("primary_slot_name", "x")) }).With(parameters, []);

        standby.Signal.Should().Be(RecoverySignal.Standby);
        standby.Parameters["primary_slot_name"].Should().Be("stolon_a");
        standby.Parameters["port"].Should().Be("5432");
        standby.Hba.Should().Equal("local all all trust");
        primary.Signal.Should().Be(RecoverySignal.None);
        primary.Parameters.Should().Equal(parameters);
    }

    [Theory]
    [Trait("Rule", "Q20")]
    [Trait("Rule", "K20")]
    [InlineData("primary_conninfo", 13, false)]
    [InlineData("primary_slot_name", 15, false)]
    [InlineData("restore_command", 13, true)]
    [InlineData("restore_command", 14, false)]
    [InlineData("recovery_target_timeline", 18, true)]
    [InlineData("max_connections", 18, false)]
    public void A_standby_is_restarted_only_for_what_a_reload_does_not_take_up(string changed, int major, bool restart)
    {
        var running = RecoverySettings.FollowingOutside(Outside, Archive).With(Map(("port", "5432")), []);

        running.RecoveryNeedsRestart(running, new(major, 0)).Should().BeFalse();
        running.RecoveryNeedsRestart(running with { Parameters = running.Parameters.With(changed, "other") }, new(major, 0)).Should().Be(restart);
        running.RecoveryNeedsRestart(running with { Signal = RecoverySignal.None }, new(major, 0)).Should().BeTrue();
    }

    [Theory]
    [Trait("Rule", "C2")]
    [InlineData("plain", "plain")]
    [InlineData("with space", "with\\ space")]
    [InlineData("it's", "it\\'s")]
    [InlineData("back\\slash", "back\\\\slash")]
    [InlineData("tab\there", "tab\\\there")]
    public void Values_of_a_connection_string_are_escaped(string value, string written) =>
        ConnInfoText.Render([new("user", value)]).Should().Be($"user={written}");

    [Fact]
    [Trait("Rule", "C2")]
    public void Keys_of_a_connection_string_are_sorted_and_empty_ones_left_out() =>
        ConnInfoText.Render(new ConnInfo("/run/socket dir", 5432, "su", "")).Should()
            .Be("host=/run/socket\\ dir port=5432 sslmode=prefer user=su");

    [Fact]
    [Trait("Rule", "S11")]
    public void A_password_file_holds_colons_and_backslashes()
    {
        ConnInfoText.PassFile("re:pl", "a:b\\c").Should().Be("*:*:*:re\\:pl:a\\:b\\\\c\n");
        FluentActions.Invoking(() => ConnInfoText.PassFile("repl", "a\nb")).Should().Throw<ArgumentException>().Which.Message.Should().NotContain("a\nb");
    }

    private static ValueMap<string, string> Map(params (string Name, string Value)[] entries) =>
        new(entries.Select(entry => KeyValuePair.Create(entry.Name, entry.Value)));
}
