using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Hosting.Postgres;
using Stolon.Integration.EndToEnd;
using Stolon.Postgres;

namespace Stolon.Integration.Postgres;

/// <summary>A copy that runs out of disk at any instant leaves the old data, which still serves, and is made when there is room.</summary>
[Collection(ClusterCollection.Name)]
[Trait("Rule", "S5")]
[Trait("Rule", "R6")]
[Trait("Rule", "S12")]
public sealed class FullDiskTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly PostgresFixture source = new();
    private PostgresInstance primary = null!;
    private CopyRequest request = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A primary, whose row came after the old data of the others was made.</summary>
    public async ValueTask InitializeAsync()
    {
        primary = await source.CreateAsync();
        await primary.StartAsync(source.Configuration(primary), Cancel);
        await primary.WaitReadyAsync(Limit, Cancel);
        await source.AskAsync("create table t as select 'old' as who");
        var systemId = (await primary.CollectAsync(Cancel)).SystemId;
        request = new CopyRequest(new ConnInfo("127.0.0.1", source.Port, "replicator", "stolon_db2"), "secret too", null, systemId);
    }

    public ValueTask DisposeAsync() => source.DisposeAsync();

    /// <summary>The disk is filled at each of these instants: in the copy, and at each file that is written after it.</summary>
    [Fact]
    public async Task A_disk_that_is_full_at_any_instant_costs_no_copy()
    {
        var filler = new Filler();
        await using var fixture = new PostgresFixture { Log = filler };
        fixture.MountSmallDisk(megabytes: 300);
        var instance = await fixture.OpenAsync();
        await CopyAsync(instance);
        foreach (var instant in new[]
        {
            "is copied from", "there is room for new data", "the copy is complete", "the new data has its mark", "the new data is called complete",
            "the exchange is announced",
        })
        {
            await source.AskAsync($"insert into t values ('{instant}')");
            filler.FillAt(instant, Path.Combine(fixture.Folder, "filler"));

            var failure = await Record.ExceptionAsync(() => CopyAsync(instance));

            // Names are exchanged without room; everything before needs some.
            (failure is null).Should().Be(instant == "the exchange is announced", "it was full at \"{0}\": {1}", instant, failure);
            if (failure is not null)
            {
                failure.Message.Should().Contain(fixture.DataDirectory).And.MatchRegex("No space left|is full|MB are free");
            }

            // What is left serves, with the room that every PostgreSQL needs, and could become the primary.
            filler.Shrink(megabytes: 40);
            await instance.RepairAsync(Cancel);
            (await ServesAsync(fixture, instance)).Should().BeTrue("it was full at \"{0}\"", instant);

            // And with room it is copied.
            filler.Empty();
            await CopyAsync(instance);
            instance.Inspect().Should().Be(new InstanceState(Initialized: true, Running: false, Role.Standby));
            Directory.EnumerateFileSystemEntries(fixture.DataDirectory).Select(Path.GetFileName).Should().NotContain(["postgres.new", "postgres.replaced", "resync.json"]);
        }
    }

    /// <summary>Also where no disk can be mounted: the limit of the operating system for one file is reached in the middle of a copy.</summary>
    [Fact]
    public async Task A_copy_whose_files_cannot_grow_any_more_costs_no_copy()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.OpenAsync();
        await CopyAsync(instance);
        foreach (var kilobytes in new[] { 1, 200, 8000 })
        {
            var limited = await fixture.OpenAsync(binDirectory: Limited(fixture, kilobytes));

            (await FluentActions.Awaiting(() => CopyAsync(limited)).Should().ThrowAsync<PostgresInstanceException>())
                .Which.Message.Should().Contain("could not be copied")
                // A write that comes to the limit midway is short and has no error number; pg_basebackup then says what is likelier.
                .And.MatchRegex("File too large|No space left on device");

            Directory.EnumerateFileSystemEntries(fixture.DataDirectory).Select(Path.GetFileName).Should().NotContain(["postgres.new", "resync.json"]);
        }

        (await ServesAsync(fixture, instance)).Should().BeTrue();
    }

    private Task CopyAsync(PostgresInstance instance) => instance.CopyAsync(request, new Progress<CopyProgress>(), Cancel);

    /// <summary>Starts what is there, reads the row that every copy has, and promotes it.</summary>
    private static async Task<bool> ServesAsync(PostgresFixture fixture, PostgresInstance instance)
    {
        await instance.StartAsync(fixture.Configuration(instance), Cancel);
        await instance.WaitReadyAsync(Limit, Cancel);
        var rows = await fixture.ReadAsync("select count(*) from t where who = 'old'");
        await instance.PromoteAsync(Limit, Cancel);
        await instance.StopAsync(StopMode.Fast, Limit, Cancel);
        return rows == "1";
    }

    /// <summary>PostgreSQL's programs, of which pg_basebackup may write no larger file.</summary>
    private static string Limited(PostgresFixture fixture, int kilobytes)
    {
        var folder = Directory.CreateDirectory(Path.Combine(fixture.Folder, $"bin{kilobytes}")).FullName;
        foreach (var program in Directory.EnumerateFiles(Path.GetDirectoryName(fixture.Program("postgres"))!))
        {
            File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(program)), program);
        }

        var copy = Path.Combine(folder, "pg_basebackup");
        File.Delete(copy);
        File.WriteAllText(copy, $"#!/bin/sh\ntrap '' XFSZ\nulimit -f {kilobytes * 2}\nexec '{fixture.Program("pg_basebackup")}' \"$@\"\n");
        PostgresFixture.SetMode(copy, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        return folder;
    }

    /// <summary>Fills the disk when a text is logged.</summary>
    private sealed class Filler : ILogger
    {
        private string file = "";
        private string instant = "";

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (instant.Length > 0 && formatter(state, exception).Contains(instant, StringComparison.Ordinal))
            {
                instant = "";
                Fill();
            }
        }

        public void FillAt(string text, string path) => (instant, file) = (text, path);

        public void Empty() => File.Delete(file);

        public void Shrink(int megabytes)
        {
            using var filler = new FileStream(file, FileMode.Open);
            filler.SetLength(Math.Max(0, filler.Length - (megabytes * 1024L * 1024)));
        }

        private void Fill()
        {
            using var filler = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            var block = new byte[1024 * 1024];
            for (var size = block.Length; size >= 512; size /= 2)
            {
                try
                {
                    while (true)
                    {
                        filler.Write(block, 0, size);
                    }
                }
                catch (IOException)
                {
                    // It is full for blocks of this size.
                }
            }
        }
    }
}
