using Microsoft.Extensions.Logging.Abstractions;
using Stolon.Hosting.Postgres;

namespace Stolon.Integration.Postgres;

/// <summary>At every instant of an exchange one complete PGDATA exists, and the next start finds it (S5, Q31).</summary>
[Trait("Rule", "Q31")]
[Trait("Rule", "S5")]
public sealed class ExchangeTests : IDisposable
{
    private static readonly FileOwner Owner = PostgresFixture.Owner;

    private readonly DataFolder folder;
    private readonly DirectoryExchange exchange;

    public ExchangeTests()
    {
        var root = Directory.CreateTempSubdirectory("stolon-exchange-").FullName;
        Owner.Take(root);
        folder = new DataFolder(root);
        exchange = new DirectoryExchange(folder, Owner, NullLogger.Instance);
    }

    [Theory]
    [InlineData("while it is copied", ExchangePhase.Copying, "old", "new", null, "old")]
    [InlineData("before the names change", ExchangePhase.Synced, "old", "NEW", null, "NEW")]
    [InlineData("after the names were exchanged in one step", ExchangePhase.Swapping, "NEW", "old", null, "NEW")]
    [InlineData("between two renames", ExchangePhase.Swapping, null, "NEW", "old", "NEW")]
    [InlineData("after two renames", ExchangePhase.Swapping, "NEW", null, "old", "NEW")]
    [InlineData("and somebody deleted the new data", ExchangePhase.Swapping, null, null, "old", "old")]
    [Trait("Rule", "R6")]
    public void A_crash_leaves_one_complete_PGDATA(
        string when, object phase, string? pgdata, string? beside, string? replaced, string expected)
    {
        var marker = new ExchangeMarker("id", ExchangeWork.Copy, (ExchangePhase)phase, InPlace: false, Kept: null);
        marker.Write(folder.Marker, Owner);
        Lay(folder.Pgdata, pgdata);
        Lay(folder.New, beside);
        Lay(folder.Replaced, replaced);

        exchange.Repair();

        Content(folder.Pgdata).Should().Be(expected, when);
        Names().Should().Equal(["postgres"], "nothing is left over when it happened {0}", when);
    }

    [Theory]
    [InlineData(null, "NEW", "old")]
    [InlineData("old", "NEW", null)]
    [InlineData("NEW", null, "old")]
    public void A_crash_while_a_fresh_cluster_takes_its_place_keeps_the_old_data(string? pgdata, string? beside, string? kept)
    {
        new ExchangeMarker("id", ExchangeWork.Create, ExchangePhase.Swapping, InPlace: false, "postgres.old-c1").Write(folder.Marker, Owner);
        Lay(folder.Pgdata, pgdata);
        Lay(folder.New, beside);
        Lay(Path.Combine(folder.Root, "postgres.old-c1"), kept);

        exchange.Repair();

        Content(folder.Pgdata).Should().Be("NEW");
        Content(Path.Combine(folder.Root, "postgres.old-c1")).Should().Be("old");
        Names().Should().Equal("postgres", "postgres.old-c1");
    }

    [Fact]
    public void A_failure_while_names_change_leaves_both_and_the_next_repair_finishes()
    {
        Lay(folder.Pgdata, "old");
        var marker = exchange.Begin(ExchangeWork.Create, inPlace: false, kept: "postgres.old-c1");
        Lay(folder.New, "new");
        // A file where the old data shall go makes the rename fail.
        var obstacle = Path.Combine(folder.Root, "postgres.old-c1");
        File.WriteAllText(obstacle, "");

        var complete = () => exchange.Complete(marker);
        complete.Should().Throw<IOException>();

        Content(folder.Pgdata).Should().Be("old");
        Content(folder.New).Should().Be("new");
        File.Delete(obstacle);
        exchange.Repair();
        Content(folder.Pgdata).Should().Be("new");
        Content(obstacle).Should().Be("old");
    }

    [Fact]
    [Trait("Rule", "S12")]
    public void Tablespaces_and_a_WAL_directory_are_emptied_again_after_a_copy_in_place_was_killed()
    {
        var (tablespace, wal) = (Inside("tablespace"), Inside("wal"));
        Lay(folder.Pgdata, "old");
        Owner.CreateFolder(Path.Combine(folder.Pgdata, "pg_tblspc"));
        PostgresFixture.LinkFolder(Path.Combine(folder.Pgdata, "pg_tblspc", "16384"), tablespace);
        PostgresFixture.LinkFolder(Path.Combine(folder.Pgdata, "pg_wal"), wal);
        exchange.Empty(exchange.Begin(ExchangeWork.Copy, inPlace: true));
        Directory.EnumerateFileSystemEntries(folder.Pgdata).Should().BeEmpty();

        // pg_basebackup wrote there, and the base directory with the links had yet to come.
        Lay(Path.Combine(tablespace, "PG_15_202209061"), "half");
        Lay(Path.Combine(tablespace, "of_somebody_else"), "kept");
        Lay(Path.Combine(wal, "archive_status"), "half");
        var again = new DirectoryExchange(folder, Owner, NullLogger.Instance);
        again.Repair();
        var marker = again.Begin(ExchangeWork.Copy, inPlace: true);
        again.Empty(marker);

        marker.Wal.Should().Be(wal);
        Directory.EnumerateFileSystemEntries(wal).Should().BeEmpty();
        Directory.EnumerateFileSystemEntries(tablespace).Select(Path.GetFileName).Should().Equal("of_somebody_else");
    }

    [Fact]
    public void A_link_to_what_is_not_of_PostgreSQLs_user_is_not_followed_by_root()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root may delete what is not its user's");
        var foreign = Directory.CreateDirectory(Path.Combine(folder.Root, "foreign")).FullName;
        File.WriteAllText(Path.Combine(foreign, "precious"), "");
        Lay(folder.Pgdata, "old");
        PostgresFixture.LinkFolder(Path.Combine(folder.Pgdata, "pg_wal"), foreign);

        var empty = () => exchange.Empty(exchange.Begin(ExchangeWork.Copy, inPlace: true));

        empty.Should().Throw<PostgresInstanceException>().Which.Message.Should().Contain("must belong to that user");
        File.Exists(Path.Combine(foreign, "precious")).Should().BeTrue();
    }

    [Fact]
    public void The_lease_is_not_written_through_a_link_that_PostgreSQLs_user_made()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root may write what is not its user's");
        var foreign = Path.Combine(folder.Root, "foreign");
        File.WriteAllText(foreign, "precious");
        Owner.Link(folder.Lease + ".next", foreign);

        var write = () => new GuardLease(folder.Lease, Owner).Write(null);

        write.Should().Throw<UnauthorizedAccessException>();
        File.ReadAllText(foreign).Should().Be("precious");
    }

    [Fact]
    public void A_log_that_is_a_link_to_what_is_not_of_PostgreSQLs_user_is_not_quoted()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root may read what is not its user's");
        var foreign = Path.Combine(folder.Root, "foreign");
        File.WriteAllText(foreign, "precious");
        PostgresFixture.SetMode(foreign, UnixFileMode.UserRead);
        Owner.CreateFolder(folder.Log);
        Owner.Link(Path.Combine(folder.Log, "postgresql.log"), foreign);

        new ServerLog(folder, Owner).Said().Should().BeEmpty();
    }

    public void Dispose() => Directory.Delete(folder.Root, recursive: true);

    private string Inside(string name)
    {
        Owner.CreateFolder(Path.Combine(folder.Root, name));
        return Path.Combine(folder.Root, name);
    }

    /// <summary>A folder with a file that says what it is; what is marked as the new data is written in capitals.</summary>
    private static void Lay(string path, string? content)
    {
        if (content is null)
        {
            return;
        }

        Owner.CreateFolder(path);
        Owner.Replace(Path.Combine(path, "content"), content);
        if (content == "NEW")
        {
            Owner.Replace(Path.Combine(path, ExchangeMarker.IdFile), "id");
        }
    }

    private static string Content(string path) => File.ReadAllText(Path.Combine(path, "content"));

    private IEnumerable<string> Names() => Directory.EnumerateFileSystemEntries(folder.Root).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);
}
