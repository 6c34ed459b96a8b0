using System.Net;
using System.Net.Sockets;
using Npgsql;
using Stolon.Cluster;
using Stolon.Hosting.Keeper;
using Stolon.Hosting.Postgres;

namespace Stolon.Integration.Postgres;

/// <summary>What an operator may get wrong gives one clear error that names the remedy, and destroys nothing (S10).</summary>
[Collection(EndToEnd.ClusterCollection.Name)]
[Trait("Rule", "S10")]
public sealed class ClearErrorTests
{
    private const UnixFileMode PassableByAll =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private static readonly FileOwner Somebody = new("somebody", IsOther: false, User: 54_321, Group: 12_345, Home: null);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_taken_port_names_the_port_and_the_remedy_and_the_instance_starts_when_it_is_free()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.CreateAsync();
        using (var other = new TcpListener(IPAddress.Loopback, fixture.Port))
        {
            other.Start();
            var start = () => instance.StartAsync(fixture.Configuration(instance), Cancel);
            (await start.Should().ThrowAsync<PostgresInstanceException>()).Which.Message
                .Should().Contain($"Port {fixture.Port}").And.Contain("taken by another program");
        }

        await instance.StartAsync(fixture.Configuration(instance), Cancel);
        await instance.WaitReadyAsync(TimeSpan.FromSeconds(30), Cancel);
    }

    [Fact]
    public async Task A_wrong_password_names_the_remedy_and_the_data_stays()
    {
        await using var fixture = new PostgresFixture();
        await fixture.CreateAsync();
        var wrong = await fixture.OpenAsync(password: "not it");
        var before = await File.ReadAllBytesAsync(Path.Combine(fixture.DataDirectory, "postgres", "PG_VERSION"), Cancel);
        await wrong.StartAsync(fixture.Configuration(wrong), Cancel);

        var collect = () => wrong.CollectAsync(Cancel);
        await wrong.WaitUntilAnsweringAsync(collect);

        (await collect.Should().ThrowAsync<PostgresInstanceException>()).Which.Message
            .Should().Contain("give every keeper the cluster's own one").And.NotContain("not it");
        (await File.ReadAllBytesAsync(Path.Combine(fixture.DataDirectory, "postgres", "PG_VERSION"), Cancel)).Should().Equal(before);
    }

    [Fact]
    public async Task A_full_disk_is_named_and_nothing_half_made_is_taken_for_data()
    {
        Environment.IsPrivilegedProcess.Should().BeTrue("a disk of its own can only be mounted by root");
        await using var fixture = new PostgresFixture();
        fixture.MountSmallDisk(megabytes: 16);
        var instance = await fixture.OpenAsync();

        var create = () => instance.CreateAsync(new NewConfig(), fixture.Configuration(instance).Parameters, "c1", TimeSpan.FromSeconds(60), Cancel);

        (await create.Should().ThrowAsync<PostgresInstanceException>()).Which.Message.Should().Contain("full");
        instance.Inspect().Initialized.Should().BeFalse();
    }

    [Fact]
    [Trait("Rule", "S7")]
    public void A_data_directory_of_PostgreSQL_itself_is_refused_and_not_touched()
    {
        var folder = Directory.CreateTempSubdirectory("stolon-foreign-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "PG_VERSION"), "15");

            var open = () => KeeperDirectory.Open(folder.FullName, runAsUser: null);

            open.Should().Throw<KeeperDirectoryException>().Which.Message.Should().Contain("init mode existing");
            Directory.EnumerateFileSystemEntries(folder.FullName).Should().ContainSingle();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_folder_above_that_PostgreSQLs_user_may_not_pass_is_named_with_the_remedy()
    {
        Environment.IsPrivilegedProcess.Should().BeTrue("only root runs PostgreSQL as another user");
        await using var fixture = new PostgresFixture();
        await fixture.CreateAsync();
        PostgresFixture.SetMode(fixture.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var open = () => fixture.OpenAsync();

        (await open.Should().ThrowAsync<PostgresInstanceException>()).Which.Message.Should().Contain($"chmod o+x {fixture.Folder}");
    }

    [Fact]
    public void A_data_directory_of_somebody_else_is_named_with_the_users_number_for_it_may_be_a_volume_seen_from_outside()
    {
        WithRootsFolder(PassableByAll, (folder, open) =>
        {
            open.Should().Throw<PostgresInstanceException>().Which.Message
                .Should().Contain("belongs to root (user 0)").And.Contain($"runs as user {Somebody.User}").And.Contain($"chown -R {Somebody.User} {folder}");
            Directory.EnumerateFileSystemEntries(folder).Should().BeEmpty();
        });
    }

    [Fact]
    public void A_volume_of_roots_that_the_group_may_write_in_as_Kubernetes_makes_it_is_a_data_directory()
    {
        WithRootsFolder(PassableByAll | UnixFileMode.GroupWrite | UnixFileMode.SetGroup, (folder, open) =>
        {
            open.Should().NotThrow();
            Directory.EnumerateFileSystemEntries(folder).Should().BeEmpty("what was tried is gone");
        });
        WithRootsFolder(PassableByAll | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite, (_, open) =>
            open.Should().Throw<PostgresInstanceException>("everybody could put other data in the place of ours"));
    }

    [Fact]
    public async Task What_PostgreSQL_says_when_it_does_not_start_is_quoted()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.CreateAsync();
        var configuration = fixture.Configuration(instance);

        var start = () => instance.StartAsync(
            configuration with { Parameters = configuration.Parameters.With("shared_preload_libraries", "no_such_library") }, Cancel);

        (await start.Should().ThrowAsync<PostgresInstanceException>()).Which.Message
            .Should().Contain("PostgreSQL said").And.Contain("no_such_library");
    }

    [Fact]
    [Trait("Rule", "K3")]
    [Trait("Rule", "K5")]
    [Trait("Rule", "Q43")]
    public void A_data_directory_is_of_one_keeper_and_of_one_process()
    {
        var folder = Directory.CreateTempSubdirectory("stolon-locked-");
        try
        {
            using (var directory = KeeperDirectory.Open(folder.FullName, runAsUser: null))
            {
                directory.Identify(new KeeperId("k1"), () => "never").Should().Be(new KeeperId("k1"));
                var again = () => KeeperDirectory.Open(folder.FullName, runAsUser: null);
                again.Should().Throw<KeeperDirectoryException>().Which.Message.Should().Contain("in use by another keeper");
                CanLock(folder.FullName).Should().BeFalse("the lock is of the open file: whoever opens it anew, here or elsewhere, is kept out");
            }

            CanLock(folder.FullName).Should().BeTrue();
            using var later = KeeperDirectory.Open(folder.FullName, runAsUser: null);
            later.Identify(null, () => "never").Should().Be(new KeeperId("k1"));
            var other = () => later.Identify(new KeeperId("k2"), () => "never");
            other.Should().Throw<KeeperDirectoryException>().Which.Message.Should().Contain("belongs to keeper k1");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>An empty folder of root's, with Somebody's group, and what comes of it as Somebody's data directory.</summary>
    private static void WithRootsFolder(UnixFileMode mode, Action<string, Action> look)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root has folders to lend");
        var folder = Directory.CreateTempSubdirectory("stolon-lent-");
        try
        {
            Libc.ChangeOwner(folder.FullName, 0, Somebody.Group);
            PostgresFixture.SetMode(folder.FullName, mode);
            look(folder.FullName, () =>
            {
                using var rights = Libc.ActAs(Somebody.User, Somebody.Group);
                DataFolderAccess.Prepare(folder.FullName, Somebody);
            });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static bool CanLock(string folder)
    {
        using var file = File.OpenHandle(Path.Combine(folder, "lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        return Libc.TryLock(file);
    }
}

file static class Waiting
{
    /// <summary>PostgreSQL says "starting up" for a moment: the answer that counts comes after it.</summary>
    public static async Task WaitUntilAnsweringAsync(this PostgresInstance instance, Func<Task> ask)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(30))
        {
            try
            {
                await ask();
                return;
            }
            catch (PostgresInstanceException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow } or NpgsqlException { IsTransient: true })
            {
                instance.Inspect().Running.Should().BeTrue();
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
            }
            catch (PostgresInstanceException)
            {
                return;
            }
        }
    }
}
