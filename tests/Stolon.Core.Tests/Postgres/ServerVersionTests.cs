using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Core.Tests.Postgres;

public class ServerVersionTests
{
    [Theory]
    [InlineData("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", 15, 18)]
    [InlineData("postgres (PostgreSQL) 13.0\n", 13, 0)]
    [InlineData("postgres (PostgreSQL) 16beta1", 16, 0)]
    [InlineData("postgres (PostgreSQL) 17devel", 17, 0)]
    [InlineData("postgres (PostgreSQL) 18rc1 (Homebrew)", 18, 0)]
    [InlineData("16beta1", 16, 0)]
    [InlineData("15.18", 15, 18)]
    [InlineData("9.6.24", 9, 6)]
    public void A_version_is_read_from_what_the_programs_say(string text, int major, int minor)
    {
        ServerVersion.TryParse(text, out var version).Should().BeTrue();
        version.Should().Be(new ServerVersion(major, minor));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("postgres: command not found")]
    [InlineData("postgres (PostgreSQL) devel")]
    [InlineData("15.")]
    [InlineData("99999999999")]
    public void What_is_no_version_is_refused(string? text) => ServerVersion.TryParse(text, out _).Should().BeFalse();

    [Theory]
    [InlineData(12, true, false)]
    [InlineData(13, false, false)]
    [InlineData(14, false, false)]
    [InlineData(15, false, false)]
    [InlineData(16, false, false)]
    [InlineData(17, false, false)]
    [InlineData(18, false, false)]
    [InlineData(19, false, true)]
    public void Versions_13_to_18_are_supported_and_newer_ones_remarked_on(int major, bool refused, bool remarked)
    {
        var version = new ServerVersion(major, 1);

        (version.Refusal is not null).Should().Be(refused);
        (version.Remark is not null).Should().Be(remarked);
    }

    [Fact]
    public void A_refusal_names_the_version_and_the_remedy() => new ServerVersion(9, 6).Refusal.Should()
        .StartWith("PostgreSQL 9.6 is too old: versions 13 to 18 are supported.").And.Contain("Install a newer one");

    [Theory]
    [InlineData(13, "md5", null, false, false, false, false, true)]
    [InlineData(14, "scram-sha-256", null, false, false, false, false, true)]
    [InlineData(15, "scram-sha-256", null, false, false, false, false, true)]
    [InlineData(16, "scram-sha-256", null, false, false, false, true, false)]
    [InlineData(17, "scram-sha-256", null, false, false, true, true, false)]
    [InlineData(18, "scram-sha-256", "--no-data-checksums", true, true, true, true, false)]
    [InlineData(19, "scram-sha-256", "--no-data-checksums", true, true, true, true, false)]
    public void What_differs_between_versions_is_known(
        int major, string encryption, string? noChecksums, bool warnsOfMd5, bool idleSlots, bool slotSync, bool hbaFile, bool triggerFile)
    {
        var version = new ServerVersion(major, 0);

        version.DefaultPasswordEncryption.Should().Be(encryption);
        version.ChecksumOption(wanted: false).Should().Be(noChecksums);
        version.ChecksumOption(wanted: true).Should().Be("--data-checksums");
        version.WarnsOfMd5.Should().Be(warnsOfMd5);
        version.InvalidatesIdleSlots.Should().Be(idleSlots);
        version.SynchronizesSlots.Should().Be(slotSync);
        version.HbaRulesNameTheirFile.Should().Be(hbaFile);
        version.HasPromoteTriggerFile.Should().Be(triggerFile);
        version.ToBinaryVersion().Should().Be(new BinaryVersion(major, 0));
    }

    [Theory]
    [Trait("Rule", "Q20")]
    [InlineData("primary_conninfo", 13)]
    [InlineData("primary_slot_name", 13)]
    [InlineData("recovery_min_apply_delay", 13)]
    [InlineData("restore_command", 14)]
    [InlineData("recovery_target_timeline", 99)]
    [InlineData("recovery_target_lsn", 99)]
    [InlineData("max_connections", 99)]
    public void A_reload_takes_up_recovery_parameters_from_a_version_on(string parameter, int from)
    {
        for (var major = ServerVersion.OldestMajor; major <= ServerVersion.NewestMajor; major++)
        {
            new ServerVersion(major, 0).ReloadSuffices(parameter).Should().Be(major >= from, "PostgreSQL {0}", major);
        }
    }

    [Theory]
    [InlineData("wal_keep_segments", 13)]
    [InlineData("operator_precedence_warning", 14)]
    [InlineData("vacuum_cleanup_index_scale_factor", 14)]
    [InlineData("stats_temp_directory", 15)]
    [InlineData("promote_trigger_file", 16)]
    [InlineData("vacuum_defer_cleanup_age", 16)]
    [InlineData("old_snapshot_threshold", 17)]
    [InlineData("db_user_namespace", 17)]
    [InlineData("trace_recovery_messages", 17)]
    [InlineData("work_mem", 99)]
    public void A_parameter_that_was_taken_out_is_known_up_to_then(string parameter, int goneIn)
    {
        for (var major = ServerVersion.OldestMajor; major <= ServerVersion.NewestMajor; major++)
        {
            new ServerVersion(major, 0).Knows(parameter).Should().Be(major < goneIn, "PostgreSQL {0}", major);
        }
    }
}
