using Microsoft.Extensions.Time.Testing;
using Stolon.Hosting.Keeper;
using Stolon.Hosting.Postgres;
using Stolon.Integration.Hosting;

namespace Stolon.Integration.Keeper;

/// <summary>Where passwords come from may fail in every way; the last good one stays.</summary>
[Trait("Rule", "S12")]
public sealed class PasswordFeedTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("stolon-feed-");
    private readonly FakeTimeProvider time = new();
    private readonly ListLogger<PasswordFeed> log = new();
    private readonly PostgresCredentials role = new("postgres", "scram-sha-256", "first");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string File => Path.Combine(folder.FullName, "password");

    [Fact]
    [Trait("Rule", "K2")]
    public async Task A_file_is_read_again_and_loses_its_line_break_and_is_looked_at_for_who_may_read_it()
    {
        Write("second\n");
        Postgres.PostgresFixture.SetMode(File, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        var feed = Of(PasswordSource.OfFile(File));

        (await feed.LookAsync(Cancel)).Should().BeFalse("one look may have caught a writer in the middle");
        (await feed.LookAsync(Cancel)).Should().BeTrue();

        role.Password.Should().Be("second");
        role.Passwords.Known.Should().Equal("second", "first");
        log.Lines.Should().ContainSingle(line => line.Contains("chmod 600", StringComparison.Ordinal));
        (await feed.LookAsync(Cancel)).Should().BeFalse();
    }

    [Fact]
    public async Task A_file_that_is_still_being_written_is_not_taken_before_it_is_whole()
    {
        var feed = Of(PasswordSource.OfFile(File));

        foreach (var text in new[] { "sec", "second", "second" })
        {
            role.Password.Should().Be("first");
            Write(text);
            await feed.LookAsync(Cancel);
        }

        role.Passwords.Known.Should().Equal("second", "first");
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("\r\n", "it is empty")]
    [InlineData("two\nlines", "it has a line break in it")]
    public async Task What_is_no_password_changes_nothing_and_is_told_once(string text, string why)
    {
        Write(text);
        var feed = Of(PasswordSource.OfFile(File));

        for (var look = 0; look < 3; look++)
        {
            (await feed.LookAsync(Cancel)).Should().BeFalse();
        }

        role.Passwords.Known.Should().Equal("first");
        feed.Trouble.Should().Contain(File).And.Contain(why).And.Contain("the last good one stays");
        log.Lines.Should().ContainSingle().Which.Should().StartWith("Warning").And.Contain(why).And.NotContain("two");
        Write("first");
        await feed.LookAsync(Cancel);
        feed.Trouble.Should().BeEmpty();
        log.Lines.Should().HaveCount(2).And.ContainSingle(line => line.Contains("can be had", StringComparison.Ordinal) && line.Contains("again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_changes_nothing()
    {
        Directory.CreateDirectory(File);
        var feed = Of(PasswordSource.OfFile(File));

        (await feed.LookAsync(Cancel)).Should().BeFalse();

        role.Password.Should().Be("first");
        feed.Trouble.Should().Contain(File);
    }

    [Fact]
    public async Task A_callback_that_fails_is_asked_again_sooner_than_one_that_answers()
    {
        var asked = 0;
        var feed = Of(Provider(_ => ++asked == 1 ? throw new InvalidOperationException("the vault is sealed") : ValueTask.FromResult("second")));

        (await feed.LookAsync(Cancel)).Should().BeFalse();
        feed.Trouble.Should().Contain("the vault is sealed");
        (await feed.LookAsync(Cancel)).Should().BeFalse("it was asked just now");
        asked.Should().Be(1);
        time.Advance(TimeSpan.FromSeconds(10));

        (await feed.LookAsync(Cancel)).Should().BeTrue();
        time.Advance(TimeSpan.FromSeconds(59));
        await feed.LookAsync(Cancel);
        asked.Should().Be(2, "its interval is a minute");
        time.Advance(TimeSpan.FromSeconds(1));
        await feed.LookAsync(Cancel);
        asked.Should().Be(3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_callback_that_hangs_is_given_up_whether_it_listens_to_its_token_or_not(bool listens)
    {
        var asked = 0;
        var feed = Of(Provider(async token =>
        {
            asked++;
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, listens ? token : Cancel);
            return "never";
        }));

        for (var round = 0; round < 2; round++)
        {
            var look = feed.LookAsync(Cancel);
            await Eventually.Holds(() => look.IsCompleted, time);

            (await look).Should().BeFalse();
            feed.Trouble.Should().Contain("it did not answer within 10 s");
        }

        asked.Should().Be(listens ? 2 : 1, "nothing is asked while an earlier call hangs");
        role.Passwords.Known.Should().Equal("first");
        log.Lines.Should().ContainSingle();
    }

    [Fact]
    public async Task A_callback_is_asked_soon_when_no_server_takes_what_is_known()
    {
        var asked = 0;
        var feed = Of(Provider(_ => ValueTask.FromResult(++asked == 1 ? "first" : "second")));
        await feed.LookAsync(Cancel);
        await FluentActions.Awaiting(() => role.LogInAsync<int>(_ => throw new Npgsql.PostgresException("no", "FATAL", "FATAL", "28P01")))
            .Should().ThrowAsync<Npgsql.PostgresException>();
        time.Advance(TimeSpan.FromSeconds(10));

        (await feed.LookAsync(Cancel)).Should().BeTrue();
        role.Passwords.WasRefused.Should().BeFalse();
    }

    public void Dispose() => folder.Delete(recursive: true);

    private static PasswordSource Provider(Func<CancellationToken, ValueTask<string>> ask) => new("SuperuserPasswordProvider", ask, TimeSpan.FromMinutes(1));

    private PasswordFeed Of(PasswordSource source) => new(role, source, "keeper k1", time, log);

    private void Write(string text) => System.IO.File.WriteAllText(File, text);
}
