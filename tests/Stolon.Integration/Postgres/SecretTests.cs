using System.Text;
using Npgsql;
using Stolon.Cluster;
using Stolon.Hosting.Postgres;

namespace Stolon.Integration.Postgres;

/// <summary>Where passwords do not go, and what is stored instead.</summary>
[Collection(EndToEnd.ClusterCollection.Name)]
[Trait("Rule", "S11")]
public sealed class SecretTests
{
    private const string Password = "p\u00e4sswort-nirgends";
    private const string ReplicationPassword = "\u043f\u0430\u0440\u043e\u043b\u044c-nirgends";

    private static readonly TimeSpan Ready = TimeSpan.FromSeconds(30);

    /// <summary>Everything that makes PostgreSQL write statements down.</summary>
    private static readonly (string Name, string Value)[] Talkative =
    [
        ("shared_preload_libraries", "pg_stat_statements"), ("pg_stat_statements.track", "all"), ("session_preload_libraries", "auto_explain"),
        ("auto_explain.log_min_duration", "0"), ("log_statement", "all"), ("log_min_duration_statement", "0"), ("log_duration", "on"),
        ("log_min_duration_sample", "0"), ("log_statement_sample_rate", "1"), ("log_transaction_sample_rate", "1"),
        ("log_min_error_statement", "debug5"), ("log_min_messages", "debug5"),
        ("debug_print_parse", "on"), ("debug_print_rewritten", "on"), ("debug_print_plan", "on"),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Rule", "K29")]
    public async Task The_passwords_of_a_new_cluster_are_nowhere_in_its_folder_though_everything_is_logged()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.OpenAsync(Password, ReplicationPassword);
        var configuration = fixture.Configuration(instance);
        var parameters = Talkative.Aggregate(configuration.Parameters, (all, one) => all.With(one.Name, one.Value));

        await instance.CreateAsync(new NewConfig { Encoding = "UTF8" }, parameters, "c1", TimeSpan.FromSeconds(60), Cancel);
        await instance.StartAsync(configuration with { Parameters = parameters }, Cancel);
        await instance.WaitReadyAsync(Ready, Cancel);

        (await instance.CollectAsync(Cancel)).Role.Should().Be(Role.Primary);
        await LogInAsync(fixture, "postgres", Password);
        await LogInAsync(fixture, "replicator", ReplicationPassword);
        await instance.StopAsync(StopMode.Fast, Ready, Cancel);
        fixture.FilesWith(Password).Should().BeEmpty();
        fixture.FilesWith(ReplicationPassword).Should().Equal("replication.pgpass");
        fixture.FilesWith("SCRAM-SHA-256$4096").Where(file => file.EndsWith(".log", StringComparison.Ordinal)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_new_password_is_set_where_another_one_is_and_is_in_no_log_and_no_statistics()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.CreateAsync();
        var configuration = fixture.Configuration(instance);
        // A server that refuses writes by default takes it too.
        var parameters = Talkative.Append(("default_transaction_read_only", "on")).Aggregate(configuration.Parameters, (all, one) => all.With(one.Item1, one.Item2));
        await instance.StartAsync(configuration with { Parameters = parameters }, Cancel);
        await instance.WaitReadyAsync(Ready, Cancel);
        await fixture.AskAsync("begin read write; create extension pg_stat_statements; alter role replicator password null; commit");

        (await instance.SettlePasswordsAsync(Cancel)).Should().Equal("replicator");
        instance.Settings.Superuser.Passwords.Change(Password);
        (await instance.SettlePasswordsAsync(Cancel)).Should().Equal("postgres");
        (await instance.SettlePasswordsAsync(Cancel)).Should().BeEmpty();

        await LogInAsync(fixture, "postgres", Password);
        await FluentActions.Awaiting(() => LogInAsync(fixture, "postgres", "secret")).Should().ThrowAsync<PostgresException>();
        await using var source = NpgsqlDataSource.Create(fixture.Login("postgres", Password));
        await using var statistics = source.CreateCommand("select count(*) from pg_stat_statements where query ilike '%SCRAM-SHA-256%'");
        (await statistics.ExecuteScalarAsync(Cancel)).Should().Be(0L);
        await instance.StopAsync(StopMode.Fast, Ready, Cancel);
        fixture.FilesWith(Password).Should().BeEmpty();
        fixture.FilesWith("SCRAM-SHA-256$4096").Where(file => file.EndsWith(".log", StringComparison.Ordinal)).Should().BeEmpty();
    }

    [Fact]
    [Trait("Rule", "Q17")]
    public void A_stored_MD5_secret_is_recognised_and_one_of_another_password_is_not()
    {
        ScramSecret.Fits("md53175bce1d3201d16594cebf9d7eb3f9d", "postgres", "postgres").Should().BeTrue();
        ScramSecret.Fits("md53175bce1d3201d16594cebf9d7eb3f9d", "postgres", "another").Should().BeFalse();
        ScramSecret.Fits(ScramSecret.Of("secret"), "postgres", "secret").Should().BeTrue();
        ScramSecret.Fits(ScramSecret.Of("secret"), "postgres", "another").Should().BeFalse();
        ScramSecret.Fits(null, "postgres", "secret").Should().BeFalse();
    }

    [Fact]
    [Trait("Rule", "Q17")]
    public async Task A_password_is_prepared_as_PostgreSQL_prepares_it()
    {
        string[] passwords =
        [
            "secret", "p\u00e4ss", "a\u00a0b", "soft\u00adhyphen", "zero\u200bspace", "\u0645\u0631\u062d\u0628\u0627", "\u0645a\u0631\u00ad", "\U0001f600\u00ad",
            "\u00ad", "bell\u0007\u00e4\u00ad", "\u043f\u0430\u0440\u043e\u043b\u044c", "\u65e5\u672c\u8a9e\u3000x", "\u0221\u00ad",
        ];
        await using var fixture = new PostgresFixture();
        var instance = await fixture.CreateAsync();
        await instance.StartAsync(fixture.Configuration(instance), Cancel);
        await instance.WaitReadyAsync(Ready, Cancel);

        foreach (var password in passwords)
        {
            await fixture.AskAsync($"drop role if exists tried; create role tried password '{password}'");
            var stored = await fixture.ReadAsync("select rolpassword from pg_authid where rolname = 'tried'");

            var salt = Convert.FromBase64String(stored.Split('$')[1].Split(':')[1]);
            ScramSecret.Of(password, salt).Should().Be(stored, string.Join(' ', password.EnumerateRunes().Select(one => $"{one.Value:X}")));
        }
    }

    [Theory]
    [InlineData("\u00bd")]
    [InlineData("a\u0308")]
    public void A_password_that_has_to_be_normalised_is_normalised_or_refused_but_never_taken_as_it_is(string password)
    {
        var prepare = () => SaslPrep.Prepare(password);

        if (password.Normalize(NormalizationForm.FormKC) == password)
        {
            prepare.Should().Throw<PostgresInstanceException>().Which.Message.Should().NotContain(password);
        }
        else
        {
            prepare().Should().Be(password.Normalize(NormalizationForm.FormKC));
        }
    }

    private static async Task LogInAsync(PostgresFixture fixture, string user, string password)
    {
        await using var source = NpgsqlDataSource.Create(fixture.Login(user, password));
        await using var session = await source.OpenConnectionAsync(Cancel);
    }
}
