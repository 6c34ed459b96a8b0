using Npgsql;
using Stolon.Hosting.Postgres;

namespace Stolon.Integration.Postgres;

/// <summary>What of PostgreSQL's log goes to the keeper's.</summary>
[Collection(EndToEnd.ClusterCollection.Name)]
[Trait("Rule", "S11")]
public sealed class LogQuoteTests
{
    private static readonly TimeSpan Ready = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Rule", "Q39")]
    public async Task What_a_client_asked_when_its_backend_was_killed_is_not_quoted_and_how_PostgreSQL_ended_is()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.CreateAsync();
        var configuration = fixture.Configuration(instance);
        var parameters = configuration.Parameters.With("log_statement", "all").With("log_line_prefix", "%a says LOG: ");
        await instance.StartAsync(configuration with { Parameters = parameters }, Cancel);
        await instance.WaitReadyAsync(Ready, Cancel);
        await using var source = NpgsqlDataSource.Create(fixture.Login("postgres", "secret"));
        await using var session = await source.OpenConnectionAsync(Cancel);
        var backend = session.ProcessID;
        await using var asked = session.CreateCommand();
        asked.CommandText = "select 'marker-1',\n\n'marker-2', pg_sleep(600)";
        var asking = asked.ExecuteNonQueryAsync(Cancel);
        await Hosting.Eventually.Holds(() => fixture.FilesWith("marker-2").Length > 0);

        EndToEnd.Processes.Signal("KILL", backend);
        await instance.Exited.WaitAsync(Ready, Cancel);

        await ((Func<Task>)(() => asking)).Should().ThrowAsync<NpgsqlException>();
        instance.Ending.Should().Contain("terminated by signal 9").And.NotContain("marker");
    }

    [Theory]
    [InlineData("", true, "2026-01-02 03:04:05.678 UTC [7] LOG:  server process (PID 12) was terminated by signal 9: Killed")]
    [InlineData("", true, "FATAL:  could not map anonymous shared memory: Cannot allocate memory")]
    [InlineData("", true, "[7] LOG:  could not bind IPv4 address \"127.0.0.1\": Address already in use")]
    [InlineData("", true, "[7] LOG:  invalid value for parameter \"work_mem\": \"9 bananas\"")]
    [InlineData("", true, "/usr/lib/postgres: could not find a matching executable")]
    [InlineData("a statement", false, "postgres@app STATEMENT:  alter role a password 'x'")]
    [InlineData("its next line", false, "\t'x' LOG:  ")]
    [InlineData("a statement that was logged", false, "[7] LOG:  statement: alter role a password 'x'")]
    [InlineData("a prepared one", false, "[7] LOG:  execute s1: alter role a password 'x'")]
    [InlineData("an unnamed one", false, "[7] LOG:  execute <unnamed>: alter role a password 'x'")]
    [InlineData("a slow one", false, "[7] LOG:  duration: 0.123 ms  statement: alter role a password 'x'")]
    [InlineData("a German one", false, "[7] LOG:  Anweisung: alter role a password 'x'")]
    [InlineData("in German", false, "[7] ANWEISUNG:  alter role a password 'x'")]
    [InlineData("with a name of the client's", false, "LOG:  ANWEISUNG:  alter role a password 'x'")]
    [InlineData("a detail", false, "[7] DETAIL:  Failed process was running: alter role a password 'x'")]
    [InlineData("a client's mistake", false, "[7] ERROR:  invalid input syntax for type integer: \"x\"")]
    [InlineData("pgaudit", false, "[7] LOG:  AUDIT: SESSION,1,1,ROLE,ALTER ROLE,,,alter role a password 'x'")]
    [InlineData("a backup tool", false, "restore: token x is wrong")]
    public void Lines_about_PostgreSQL_are_quoted_and_those_of_clients_are_not(string what, bool isQuoted, string line) =>
        LogQuotes.MayBeQuoted(line).Should().Be(isQuoted, what);
}
