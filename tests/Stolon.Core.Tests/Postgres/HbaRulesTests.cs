using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Core.Tests.Postgres;

public class HbaRulesTests
{
    private static readonly string[] Local = ["local postgres su md5", "local replication repl md5"];

    private static readonly string[] All =
    [
        "host all su 0.0.0.0/0 md5", "host all su ::0/0 md5", "host replication repl 0.0.0.0/0 md5", "host replication repl ::0/0 md5",
    ];

    private static readonly string[] Others =
    [
        "host all su 10.0.0.1/32 md5", "host replication repl 10.0.0.1/32 md5",
        "host all su fd00::2/128 md5", "host replication repl fd00::2/128 md5",
    ];

    private static readonly string[] Default = ["host all all 0.0.0.0/0 md5", "host all all ::0/0 md5"];
    private static readonly string[] Custom = ["hostssl app app 10.0.0.0/8 scram-sha-256", "# a comment"];

    public static TheoryData<AccessMode, bool, string?[]?, string[]> Table => new()
    {
        { AccessMode.All, true, null, [.. Local, .. All, .. Default] },
        { AccessMode.All, false, null, [.. Local, .. All, .. Default] },
        { AccessMode.All, true, Custom, [.. Local, .. All, .. Custom] },
        { AccessMode.All, false, Custom, [.. Local, .. All, .. Custom] },
        { AccessMode.All, true, [], [.. Local, .. All] },
        { AccessMode.Strict, true, null, [.. Local, .. Others, .. Default] },
        { AccessMode.Strict, false, null, [.. Local, .. Default] },
        { AccessMode.Strict, true, Custom, [.. Local, .. Others, .. Custom] },
        { AccessMode.Strict, false, Custom, [.. Local, .. Custom] },
        { AccessMode.Strict, true, [], [.. Local, .. Others] },
    };

    [Theory]
    [MemberData(nameof(Table))]
    [Trait("Rule", "H1")]
    [Trait("Rule", "H2")]
    [Trait("Rule", "H3")]
    [Trait("Rule", "H4")]
    public void The_lines_follow_mode_role_and_the_operators_lines(AccessMode mode, bool isPrimary, string?[]? pgHba, string[] lines) =>
        HbaRules.For(Settings(mode, isPrimary, pgHba)).Should().Equal(lines);

    [Theory]
    [MemberData(nameof(Table))]
    [Trait("Rule", "H5")]
    [Trait("Rule", "S9")]
    public void Internal_only_lets_in_replication_and_the_local_superuser_and_nobody_else(
        AccessMode mode, bool isPrimary, string?[]? pgHba, string[] lines)
    {
        var internalOnly = HbaRules.For(Settings(mode, isPrimary, pgHba) with { InternalOnly = true });

        internalOnly.Should().Equal(lines.Where(line => line.StartsWith("local ", StringComparison.Ordinal) || line.Contains(" replication repl ", StringComparison.Ordinal)));
        internalOnly.Should().Contain(Local);
        internalOnly.Where(line => line.StartsWith("host", StringComparison.Ordinal))
            .All(line => line.StartsWith("host replication repl ", StringComparison.Ordinal)).Should().BeTrue();
    }

    [Fact]
    [Trait("Rule", "Q17")]
    public void The_clusters_method_is_used_where_a_user_has_none()
    {
        var settings = Settings(AccessMode.All, isPrimary: true, pgHba: null) with
        {
            AuthMethod = "scram-sha-256",
            Superuser = new("su", "trust"),
            Replication = new("repl"),
        };

        HbaRules.For(settings).Should().Equal(
            "local postgres su trust",
            "local replication repl scram-sha-256",
            "host all su 0.0.0.0/0 trust",
            "host all su ::0/0 trust",
            "host replication repl 0.0.0.0/0 scram-sha-256",
            "host replication repl ::0/0 scram-sha-256",
            "host all all 0.0.0.0/0 scram-sha-256",
            "host all all ::0/0 scram-sha-256");
    }

    [Fact]
    [Trait("Rule", "H3")]
    [Trait("Rule", "Q13")]
    public void In_strict_mode_the_superusers_line_has_the_superusers_method()
    {
        var settings = Settings(AccessMode.Strict, isPrimary: true, []) with { Superuser = new("su", "scram-sha-256"), OtherAddresses = ["10.0.0.1"] };

        HbaRules.For(settings).Should().Contain("host all su 10.0.0.1/32 scram-sha-256").And.Contain("host replication repl 10.0.0.1/32 md5");
    }

    [Theory]
    [Trait("Rule", "H3")]
    [Trait("Rule", "Q13")]
    [InlineData("10.0.0.9", "10.0.0.9/32")]
    [InlineData("fd00::9", "fd00::9/128")]
    [InlineData("node-9.example.org", "node-9.example.org")]
    [InlineData("all", "\"all\"")]
    [InlineData("", null)]
    [InlineData("*", null)]
    [InlineData("0.0.0.0", null)]
    [InlineData("::", null)]
    [InlineData(".example.org", null)]
    [InlineData("a b", null)]
    [InlineData("x\nhost all all 0.0.0.0/0 trust", null)]
    public void An_address_gets_its_mask_a_name_none_and_what_is_unknown_no_line(string address, string? written) =>
        HbaRules.For(Settings(AccessMode.Strict, isPrimary: true, []) with { OtherAddresses = [address] }).Skip(2)
            .Should().Equal(written is null ? [] : [$"host all su {written} md5", $"host replication repl {written} md5"]);

    [Theory]
    [InlineData("postgres", "postgres")]
    [InlineData("my-app.1", "my-app.1")]
    [InlineData("all", "\"all\"")]
    [InlineData("replication", "\"replication\"")]
    [InlineData("+group", "\"+group\"")]
    [InlineData("@file", "\"@file\"")]
    [InlineData("a b", "\"a b\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("a,b", "\"a,b\"")]
    public void A_user_name_means_itself(string name, string written) =>
        HbaRules.For(Settings(AccessMode.Strict, isPrimary: false, []) with { Superuser = new(name, "md5") })[0]
            .Should().Be($"local postgres {written} md5");

    [Fact]
    public void A_user_name_cannot_add_a_line() =>
        FluentActions.Invoking(() => HbaRules.For(Settings(AccessMode.All, true, null) with { Superuser = new("a\nhost all all all trust") }))
            .Should().Throw<ArgumentException>();

    [Fact]
    [Trait("Rule", "H3")]
    public void The_settings_of_a_db_name_the_addresses_of_the_others()
    {
        var data = ClusterJson.ReadClusterData(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Samples", "clusterdata.json")));

        var settings = HbaSettings.For(data, data.Primary!, new("su", "md5"), new("repl", "md5"), internalOnly: true);

        settings.IsPrimaryType.Should().BeTrue();
        settings.InternalOnly.Should().BeTrue();
        settings.AuthMethod.Should().Be("md5");
        settings.OtherAddresses.Should().HaveCount(data.Databases.Count - 1).And.OnlyContain(address => address == "127.0.0.1");
        HbaRules.For(settings with { AccessMode = AccessMode.Strict }).Should().Equal([.. Local, "host replication repl 127.0.0.1/32 md5"]);
    }

    private static HbaSettings Settings(AccessMode mode, bool isPrimary, string?[]? pgHba) => new()
    {
        Superuser = new("su", "md5"),
        Replication = new("repl", "md5"),
        AccessMode = mode,
        IsPrimaryType = isPrimary,
        OtherAddresses = ["fd00::2", "10.0.0.1", "10.0.0.1"],
        PgHba = pgHba is null ? null : new ValueList<string>([.. pgHba.OfType<string>()]),
    };
}
