using System.Text.RegularExpressions;
using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Core.Tests.Postgres;

public class FilesTests
{
    [Theory]
    [Trait("Rule", "G7")]
    [Trait("Rule", "Q12")]
    [InlineData("", "''")]
    [InlineData("128MB", "'128MB'")]
    [InlineData("it's", "'it''s'")]
    [InlineData("a\\nb", "'a\\\\nb'")]
    [InlineData("# no comment", "'# no comment'")]
    public void A_value_is_quoted_so_that_PostgreSQL_reads_it_back(string value, string written) =>
        ConfigFile.Text(ValueMap<string, string>.Empty.With("name", value)).Should().EndWith($"\nname = {written}\n");

    [Fact]
    [Trait("Rule", "G7")]
    [Trait("Rule", "C2")]
    public void An_escaped_connection_string_survives_the_file()
    {
        var connInfo = ConnInfoText.Render([new("user", "o'neil \\ co")]);

        var text = ConfigFile.Text(ValueMap<string, string>.Empty.With("primary_conninfo", connInfo));

        var quoted = Regex.Match(text, "primary_conninfo = '(?<value>.*)'\n", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Groups["value"].Value;
        Regex.Replace(quoted.Replace("''", "'", StringComparison.Ordinal), @"\\(?<escaped>.)", "${escaped}", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1))
            .Should().Be(connInfo);
    }

    [Theory]
    [Trait("Rule", "S10")]
    [InlineData("name", "a\nb")]
    [InlineData("name", "a\rb")]
    [InlineData("name", "a\0b")]
    [InlineData("bad name", "x")]
    [InlineData("name = 1\nport", "x")]
    [InlineData("1name", "x")]
    [InlineData("", "x")]
    [InlineData("a..b", "x")]
    public void What_would_break_the_file_is_refused(string name, string value) =>
        FluentActions.Invoking(() => ConfigFile.Text(ValueMap<string, string>.Empty.With(name, value))).Should().Throw<ArgumentException>();

    [Fact]
    public void A_parameter_of_an_extension_has_a_dot() => ConfigFile.IsName("pg_stat_statements.max").Should().BeTrue();

    [Fact]
    [Trait("Rule", "H4")]
    public void Lines_of_pg_hba_are_written_as_they_are()
    {
        ConfigFile.HbaText(["local all all trust", ""]).Should().EndWith("\nlocal all all trust\n\n");
        FluentActions.Invoking(() => ConfigFile.HbaText(["a\nb"])).Should().Throw<ArgumentException>();
    }

    [Theory]
    [Trait("Rule", "P7")]
    [InlineData("0/0", "0000000000000000")]
    [InlineData("0/FFFFFF", "0000000000000000")]
    [InlineData("0/1000000", "0000000000000001")]
    [InlineData("0/4039A40", "0000000000000004")]
    [InlineData("A/FF000000", "0000000A000000FF")]
    public void A_position_lies_in_a_segment(string position, string segment)
    {
        Lsn.TryParse(position, out var lsn).Should().BeTrue();
        WalFile.SegmentOf(lsn).Should().Be(segment);
    }

    [Theory]
    [Trait("Rule", "P7")]
    [InlineData("0/4000000", "000000010000000000000005", true)]
    [InlineData("0/4FFFFFF", "000000010000000000000005", true)]
    [InlineData("0/5000000", "000000010000000000000005", false)]
    [InlineData("0/4000000", "000000020000000000000004", false)]
    [InlineData("1/0", "0000000100000000000000FF", false)]
    [InlineData("0/FF000000", "000000010000000100000000", true)]
    [InlineData("0/0", "", false)]
    [InlineData("0/0", null, false)]
    [InlineData("0/0", "0000000100000000000000ff", false)]
    [InlineData("0/0", "000000010000000000000005.partial", false)]
    public void A_standby_that_needs_an_older_segment_than_the_oldest_cannot_sync(string position, string? oldest, bool gone)
    {
        Lsn.TryParse(position, out var lsn).Should().BeTrue();
        WalFile.IsGone(lsn, oldest).Should().Be(gone);
    }

    [Fact]
    [Trait("Rule", "K9")]
    public void The_last_two_switches_of_a_history_are_read()
    {
        const string Content = "1\t0/3000000\tno recovery target specified\n\n# a comment\n2\t0/4000060\tbefore 2024-01-02 03:04:05+00\n3\tA/B\t\n";

        TimelineHistoryFile.Parse(Content).Should().Equal(
            new TimelineSwitch(2, new Lsn(0x4000060), "before 2024-01-02 03:04:05+00"), new TimelineSwitch(3, new Lsn(0xA0000000B), ""));
        TimelineHistoryFile.Parse(Content, last: 99).Should().HaveCount(3);
        TimelineHistoryFile.Parse("").Should().BeEmpty();
    }

    [Theory]
    [InlineData("1")]
    [InlineData("one\t0/3000000\tx")]
    [InlineData("1\t3000000\tx")]
    public void A_broken_history_is_refused(string content) =>
        FluentActions.Invoking(() => TimelineHistoryFile.Parse(content)).Should().Throw<FormatException>().WithMessage($"*{content}");

    [Fact]
    [Trait("Rule", "M4")]
    public void Our_objects_have_our_prefix_and_the_fake_standby_has_not()
    {
        ObjectNames.Of(new DbId("02c0357b")).Should().Be("stolon_02c0357b");
        ObjectNames.DbOf("stolon_02c0357b").Should().Be(new DbId("02c0357b"));
        ObjectNames.DbOf("other").Should().BeNull();
        ObjectNames.IsOurs("stolon_x").Should().BeTrue();
        ObjectNames.IsOurs("Stolon_x").Should().BeFalse();
        ObjectNames.IsOurs(null).Should().BeFalse();
        ObjectNames.IsOurs(ObjectNames.FakeStandby).Should().BeFalse();
        ObjectNames.FakeStandby.Should().Be("stolonfakestandby");
    }

    [Fact]
    [Trait("Rule", "K24")]
    [Trait("Rule", "M4")]
    public void Slots_are_wanted_for_followers_and_additional_ones()
    {
        var spec = new DatabaseSpec { Keeper = new("k"), Followers = [new("b"), new("a"), new("me")], AdditionalReplicationSlots = ["foo"] };

        ObjectNames.WantedSlots(spec, new("me")).Should().Equal("stolon_a", "stolon_b", "stolon_foo");
    }
}
