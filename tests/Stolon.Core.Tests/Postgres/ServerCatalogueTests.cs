using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Core.Tests.Postgres;

/// <summary>What <c>pg_settings</c> says of an operator's parameters.</summary>
public sealed class ServerCatalogueTests
{
    private static readonly ServerCatalogue Server = new(new ServerVersion(15, 4),
    [
        new("work_mem", "integer", "user", "4096") { Unit = "kB", Least = "64", Most = "2147483647" },
        new("TimeZone", "string", "user", "UTC"),
        new("wal_level", "enum", "postmaster", "replica") { Words = ["minimal", "replica", "logical"] },
        new("block_size", "integer", "internal", "8192") { Least = "8192", Most = "8192" },
        new("max_connections", "integer", "postmaster", "100") { Least = "1", Most = "262143" },
        new("superuser_reserved_connections", "integer", "postmaster", "3") { Least = "0", Most = "262143" },
        new("auto_explain.log_min_duration", "integer", "superuser", "-1") { Unit = "ms", Least = "-1", Most = "2147483647" },
    ]);

    [Theory]
    [InlineData("work_men", "1MB", "$.pgParameters.work_men: expected a parameter of PostgreSQL 15.4, found an unknown one (did you mean work_mem?)")]
    [InlineData("nonsense", "1", "$.pgParameters.nonsense: expected a parameter of PostgreSQL 15.4, found an unknown one")]
    [InlineData("block_size", "4096", "$.pgParameters.block_size: expected a parameter that can be set, found one that PostgreSQL itself fixes")]
    [InlineData("auto_explain.log_min_duration", "soon", "$.pgParameters.auto_explain.log_min_duration: expected -1 to 2147483647 in units of ms, or with one of us, ms, s, min, h, d, found \"soon\"")]
    [InlineData("auto_explain.log_min_durations", "1", "$.pgParameters.auto_explain.log_min_durations: *(did you mean auto_explain.log_min_duration?)")]
    [InlineData("max_connections", "3", "$.pgParameters.max_connections: expected max_connections (3) to be more than what is reserved of them (3)*")]
    [InlineData("superuser_reserved_connections", "100", "$.pgParameters.superuser_reserved_connections: expected max_connections (100) to be more*")]
    public void A_mistake_is_named_with_what_was_expected(string name, string value, string mistake) =>
        Server.FindMistakes(A(name, value)).Should().ContainSingle().Which.Should().Match(mistake);

    [Theory]
    [InlineData("Work_Mem", "lots")]
    [InlineData("timezone", "Mars/Olympus")]
    [InlineData("max_connections", "4")]
    [InlineData("my.own", "anything")]
    [InlineData("auto_explain.log_min_duration", "5s")]
    public void What_the_catalogue_cannot_judge_is_left_to_the_program(string name, string value) => Server.FindMistakes(A(name, value)).Should().BeEmpty();

    [Fact]
    public void The_program_is_asked_of_what_it_knows_and_lets_be_set() =>
        Server.ForTheProgram(new([new("Work_Mem", "1MB"), new("nonsense", "1"), new("block_size", "1"), new("my.own", "1"), new("auto_explain.log_min_duration", "1")]))
            .Keys.Should().Equal("Work_Mem");

    [Theory]
    [InlineData("work_mem", "$.pgParameters.work_mem: expected 64 to 2147483647 in units of kB, or with one of B, kB, MB, GB, TB, found \"bad\"")]
    [InlineData("wal_level", "$.pgParameters.wal_level: expected one of minimal, replica, logical, found \"bad\"")]
    [InlineData("TimeZone", "$.pgParameters.TimeZone: expected a value that PostgreSQL accepts, found \"bad\": it said so")]
    public void What_the_program_refuses_is_said_in_the_words_of_the_catalogue(string name, string mistake) =>
        Server.Refused(name, "bad", "it said so").Should().Be(mistake);

    [Fact]
    public void What_waits_for_a_restart_is_known()
    {
        Server.NeedRestart(new([new("Max_Connections", "150"), new("work_mem", "1MB"), new("my.own", "1")])).Should().Equal("Max_Connections");
        Server.NeedRestart(A("max_connections", "100")).Should().BeEmpty("it runs with that already");
    }

    [Theory]
    [InlineData("integer", "kB", "64", "2147483647", "64")]
    [InlineData("integer", "kB", "64", "2147483647", "64kB")]
    [InlineData("integer", "kB", "64", "2147483647", " 1 GB ")]
    [InlineData("integer", "kB", "64", "2147483647", "0.5MB")]
    [InlineData("integer", "kB", "64", "2147483647", "65536B")]
    [InlineData("integer", "8kB", "16", "1073741823", "128kB")]
    [InlineData("integer", "", "1", "100", "0x10")]
    [InlineData("integer", "min", "0", "100", "1h")]
    [InlineData("real", "ms", "0", "100", "0.01s")]
    [InlineData("real", "", "0", "1", "1e-3")]
    [InlineData("bool", "", "", "", "ON")]
    [InlineData("bool", "", "", "", "f")]
    [InlineData("bool", "", "", "", "1")]
    [InlineData("enum", "", "", "", "OFF")]
    [InlineData("enum", "", "", "", "no")]
    [InlineData("string", "", "", "", "whatever")]
    public void A_value_in_range_is_accepted(string type, string unit, string least, string most, string value) =>
        Row(type, unit, least, most).Accepts(value).Should().BeTrue();

    [Theory]
    [InlineData("integer", "kB", "64", "2147483647", "63")]
    [InlineData("integer", "kB", "64", "2147483647", "63kB")]
    [InlineData("integer", "kB", "64", "2147483647", "9999TB")]
    [InlineData("integer", "kB", "64", "2147483647", "1min")]
    [InlineData("integer", "kB", "64", "2147483647", "1kb")]
    [InlineData("integer", "8kB", "16", "1073741823", "120kB")]
    [InlineData("integer", "", "1", "100", "10s")]
    [InlineData("integer", "", "1", "100", "")]
    [InlineData("integer", "", "1", "100", "ten")]
    [InlineData("integer", "", "1", "100", "99999999999999999999999999999999")]
    [InlineData("real", "", "0", "1", "1.01")]
    [InlineData("bool", "", "", "", "o")]
    [InlineData("bool", "", "", "", "maybe")]
    [InlineData("enum", "", "", "", "sometimes")]
    public void A_value_out_of_range_is_not(string type, string unit, string least, string most, string value) =>
        Row(type, unit, least, most).Accepts(value).Should().BeFalse();

    [Theory]
    [InlineData("shared_preload_libraries", "pg_stat_statements, \"auto_explain\"", "")]
    [InlineData("shared_preload_libraries", "$libdir/pg_stat_statements", "")]
    [InlineData("shared_preload_libraries", "", "")]
    [InlineData("Shared_Preload_Libraries", "pg_stat_statements,nosuch", "nosuch")]
    [InlineData("session_preload_libraries", "/elsewhere/lib.so", "/elsewhere/lib.so")]
    [InlineData("local_preload_libraries", "auto_explain", "auto_explain")]
    [InlineData("local_preload_libraries", "harmless", "")]
    [InlineData("search_path", "nosuch", "")]
    public void A_library_that_is_not_installed_is_missed(string parameter, string value, string missing)
    {
        string[] files = ["/lib/pg_stat_statements.so", "/more/auto_explain.so", "/lib/plugins/harmless.so"];

        PreloadedLibraries.FindMissing(A(parameter, value), "$libdir:/more", "/lib", files.Contains).Select(one => one.Library)
            .Should().Equal(missing.Length == 0 ? [] : [missing]);
    }

    private static ServerParameter Row(string type, string unit, string least, string most) =>
        new("x.y", type, "user", "") { Unit = unit, Least = least, Most = most, Words = ["on", "off", "regress"] };

    private static ValueMap<string, string> A(string name, string value) => ValueMap<string, string>.Empty.With(name, value);
}
