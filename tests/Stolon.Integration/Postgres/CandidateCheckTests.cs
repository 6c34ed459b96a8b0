using Npgsql;
using Stolon.Cluster;
using Stolon.Hosting.Postgres;
using Stolon.Postgres;

namespace Stolon.Integration.Postgres;

/// <summary>What a running PostgreSQL says to settings that are not written yet (ADR 0017).</summary>
[Trait("Rule", "A2")]
[Trait("Rule", "S10")]
public sealed class CandidateCheckTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_kind_of_mistake_is_named_and_the_server_is_as_before()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.CreateAsync();
        var configuration = fixture.Configuration(instance);
        configuration = configuration with { Parameters = configuration.Parameters.With("shared_preload_libraries", "auto_explain") };
        await instance.StartAsync(configuration, Cancel);
        await instance.WaitReadyAsync(TimeSpan.FromSeconds(30), Cancel);
        var (file, loaded) = (Path.Combine(fixture.PgData, "pg_hba.conf"), await fixture.ReadAsync("select pg_conf_load_time()::text"));
        var before = await File.ReadAllTextAsync(file, Cancel);

        var answer = await instance.CheckAsync(
            new SettingsQuestion
            {
                Id = new QuestionId("q1"),
                PgParameters = new(
                [
                    new("auto_explain.log_min_duration", "soon"), new("auto_explain.log_tripletts", "1"), new("jit", "maybe"), new("TimeZone", "Mars/Olympus"),
                    new("work_mem", "8MB"), new("max_connections", "50"), new("my.own", "x"), new("shared_preload_libraries", "auto_explain, nosuchlib"),
                ]),
                PgHba = ["local all all peer", "", "# ours", "host all all 10.0.0.0/33 md5", "hostssl all all all md5", "hots"],
            },
            Cancel);

        answer.Question.Should().Be(new QuestionId("q1"));
        answer.Mistakes.Select(mistake => mistake.Split(": ")[0]).Should().Equal(
            "$.pgHBA[3]", "$.pgHBA[5]", "$.pgParameters.TimeZone", "$.pgParameters.auto_explain.log_min_duration", "$.pgParameters.auto_explain.log_tripletts",
            "$.pgParameters.jit", "$.pgParameters.shared_preload_libraries");
        answer.Mistakes.Should().Contain(mistake => mistake.EndsWith("(did you mean auto_explain.log_triggers?)", StringComparison.Ordinal)
            || mistake.EndsWith("found an unknown one", StringComparison.Ordinal));
        answer.NeedRestart.Should().Equal("max_connections", "shared_preload_libraries");
        (await File.ReadAllTextAsync(file, Cancel)).Should().Be(before);
        (await fixture.ReadAsync("select pg_conf_load_time()::text")).Should().Be(loaded);
        instance.RunningWith.Should().Be(configuration);
    }

    [Fact]
    [Trait("Rule", "S9")]
    public async Task Lines_that_are_looked_at_let_nobody_in_even_when_somebody_reloads_just_then()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.CreateAsync();
        var closed = HbaRules.For(new HbaSettings
        {
            Superuser = new PostgresUser("postgres"),
            Replication = new PostgresUser("replicator"),
            AuthMethod = "scram-sha-256",
            InternalOnly = true,
        });
        string[] candidates = ["local all all trust", "host all all all trust", "local replication all trust", "host replication all all trust"];
        var configuration = fixture.Configuration(instance) with { InternalOnly = true, Hba = [.. closed, .. HbaTrial.Barrier, .. candidates] };
        await instance.StartAsync(configuration, Cancel);
        await instance.WaitReadyAsync(TimeSpan.FromSeconds(30), Cancel);

        foreach (var host in new[] { "127.0.0.1", instance.SocketDirectory })
        {
            var client = new NpgsqlConnection($"Host={host};Port={fixture.Port};Username=somebody;Database=postgres;Pooling=false");
            await using var end = client;
            (await FluentActions.Awaiting(() => client.OpenAsync(Cancel)).Should().ThrowAsync<PostgresException>())
                .Which.MessageText.Should().Contain("pg_hba.conf rejects connection");
        }
    }

    [Fact]
    public async Task A_server_that_does_not_run_gives_no_answer()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.CreateAsync();

        await FluentActions.Awaiting(() => instance.CheckAsync(new SettingsQuestion { Id = new QuestionId("q1"), PgHba = ["hots"] }, Cancel))
            .Should().ThrowAsync<PostgresInstanceException>();
    }
}
