using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Stolon.Cluster;
using Stolon.Hosting.Administration;
using Stolon.Hosting.Keeper;
using Stolon.Hosting.Postgres;
using Stolon.Integration.Hosting;
using Stolon.Integration.Postgres;
using Stolon.Tests;

namespace Stolon.Integration.EndToEnd;

/// <summary>
/// A keeper that is killed at any instant of a resync has a whole copy at every one of them, and the next life finishes. The instants are
/// those at which it logs a step: between two of them nothing changes that a start would have to know of.
/// </summary>
[Collection(ClusterCollection.Name)]
public sealed class KilledResyncTests : IAsyncLifetime
{
    private static readonly string[] Copying =
    [
        "is copied from", "new data is announced", "there is room for new data", "0 %", "40 %", "the copy is complete", "the new data has its mark",
        "the new data is called complete", "the exchange is announced", "the new data is in its place", "the exchange is on disk",
        "the old data is gone", "the new data has lost its mark", "the exchange is over", "starting PostgreSQL as standby", "is started on port",
    ];

    /// <summary>While these last the old data is as it was.</summary>
    private static readonly string[] Trying = ["the rewind is tried without a change", "nothing, as the rewind is only tried", "the rewind would succeed"];

    /// <summary>From here on there is none but the primary's; it was asked just before.</summary>
    private static readonly string[] Rewinding =
        ["the old data is given up for the rewind", "is rewound by pg_rewind", "the data is rewound", "the rewound data is a standby's", "the rewind copies"];

    private readonly string folder = Directory.CreateTempSubdirectory("stolon-killed-").FullName;
    private readonly int port = FreePort.Next();
    private readonly ListLogger<KeeperService> log = new();
    private IHost host = null!;
    private MortalKeeper standby = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IStolonAdministration Administration => host.Services.GetRequiredKeyedService<IStolonAdministration>("orders");

    /// <summary>A primary in this process, with rows of some MB, and a standby in another that has them all and was killed.</summary>
    public async ValueTask InitializeAsync()
    {
        PostgresFixture.SetMode(
            folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<ILogger<KeeperService>>(log);
        builder.Services.AddStolon("orders").UseEmbeddedStore(Path.Combine(folder, "store.db"))
            .AddSentinel(sentinel => sentinel.InitialClusterSpec = new ClusterSpec
            {
                InitMode = InitMode.New,
                SleepInterval = TimeSpan.FromMilliseconds(250),
                PgParameters = ValueMap<string, string>.Empty.With("wal_log_hints", "on"),
            })
            .AddKeeper(keeper =>
            {
                (keeper.Uid, keeper.DataDirectory, keeper.Port) = ("keeper1", Path.Combine(folder, "keeper1"), port);
                (keeper.SuperuserPassword, keeper.ReplicationPassword) = ("secret", "secret too");
            });
        host = builder.Build();
        await host.StartAsync(Cancel);
        standby = new MortalKeeper(folder, "keeper2", FreePort.Next());
        await UntilAsync("a primary", async () => (await Administration.GetStatusAsync(Cancel)).IsAvailable);
        await AskAsync("create table t as select 'both' as who, repeat('x', 1000) as filler from generate_series(1, 1); create table filler as select repeat(md5(n::text), 30) from generate_series(1, 8000) n");
        standby.Start();
        await StreamsAsync();
        await standby.KillAsync();
        await AskAsync("insert into t values ('primary alone')");
    }

    [Fact]
    [Trait("Rule", "S5")]
    [Trait("Rule", "Q31")]
    [Trait("Rule", "R6")]
    public async Task A_copy_that_is_killed_at_any_instant_leaves_the_old_copy_or_the_new_one_and_the_next_life_goes_on()
    {
        // Of the same cluster, and to be copied anew.
        await Administration.RemoveKeeperAsync(new KeeperId("keeper2"), Cancel);
        var old = true;

        // As of a keeper that was killed while it replaced the file.
        PostgresFixture.Owner.Create(Path.Combine(standby.DataDirectory, $"dbstate.{Guid.NewGuid():N}.tmp"), []);
        foreach (var instant in Copying)
        {
            await standby.DieAtAsync(instant);

            // What is not yet called complete is removed by the next life, and what is, is put into its place.
            old &= Array.IndexOf(Copying, instant) < Array.IndexOf(Copying, "the new data is called complete");
            (await ReadLeftAsync(standby.DataDirectory)).Should().Be(old ? "both" : "both,primary alone", "it was killed at \"{0}\"", instant);
        }

        standby.Start();
        await StreamsAsync();

        Steps().Should().BeSubsetOf(Copying);
        await NothingIsLeftOverAsync();
    }

    [Fact]
    [Trait("Rule", "R3")]
    [Trait("Rule", "R6")]
    [Trait("Rule", "S5")]
    public async Task A_rewind_that_is_killed_leaves_the_old_data_or_is_made_good_by_a_copy()
    {
        await DivergeAsync();
        await Administration.PatchAsync("""{"usePgrewind": true}""", Cancel);
        await Administration.RemoveKeeperAsync(new KeeperId("keeper2"), Cancel);
        foreach (var instant in Trying)
        {
            await standby.DieAtAsync(instant);
            (await ReadLeftAsync(standby.DataDirectory)).Should().Be("both,standby alone", "it was killed at \"{0}\"", instant);
            IsGivenUp().Should().BeFalse();
        }

        var before = Path.Combine(folder, "before");
        Copy(standby.DataDirectory, before);
        foreach (var instant in Rewinding)
        {
            Directory.Delete(standby.DataDirectory, recursive: true);
            Copy(before, standby.DataDirectory);
            await standby.DieAtAsync(instant);
            IsGivenUp().Should().BeTrue("what is there at \"{0}\" must never start", instant);
            Steps().Should().BeSubsetOf([.. Trying, .. Rewinding]);
        }

        // The last of them is the worst: the next life makes it good.
        standby.Start();
        await StreamsAsync();
        standby.Said.Should().Contain(line => line.Contains("there is no complete local data", StringComparison.Ordinal));
        await NothingIsLeftOverAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await standby.DisposeAsync();
        await host.StopAsync(CancellationToken.None);
        host.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static void Copy(string from, string to)
    {
        // What a killed program left running may still remove something.
        using var copy = Process.Start("cp", ["-a", "--reflink=auto", from, to]);
        copy.WaitForExit();
    }

    /// <summary>What a start finds in a data directory, seen by PostgreSQL itself on a copy of it.</summary>
    private static async Task<string> ReadLeftAsync(string dataDirectory)
    {
        await using var fixture = new PostgresFixture();
        Copy(dataDirectory, fixture.DataDirectory);
        var instance = await fixture.OpenAsync();
        await instance.RepairAsync(Cancel);
        instance.Inspect().Initialized.Should().BeTrue();
        await instance.StartAsync(fixture.Configuration(instance), Cancel);
        await instance.WaitReadyAsync(TimeSpan.FromSeconds(60), Cancel);
        return await fixture.ReadAsync("select string_agg(who, ',' order by who) from t");
    }

    /// <summary>The standby's data becomes a primary's for a moment, behind everybody's back, and gets a row of its own.</summary>
    private async Task DivergeAsync()
    {
        await using var fixture = new PostgresFixture();
        Directory.Move(standby.DataDirectory, fixture.DataDirectory);
        var instance = await fixture.OpenAsync();
        var configuration = fixture.Configuration(instance);
        await instance.StartAsync(configuration with { Parameters = configuration.Parameters.With("wal_log_hints", "on") }, Cancel);
        await instance.WaitReadyAsync(TimeSpan.FromSeconds(60), Cancel);
        await instance.PromoteAsync(TimeSpan.FromSeconds(60), Cancel);
        await fixture.AskAsync("insert into t values ('standby alone')");
        await instance.StopAsync(StopMode.Fast, TimeSpan.FromSeconds(60), Cancel);
        Directory.Move(fixture.DataDirectory, standby.DataDirectory);
    }

    private bool IsGivenUp() => ClusterJson.ReadDbState(File.ReadAllBytes(Path.Combine(standby.DataDirectory, "dbstate"))).Initializing;

    /// <summary>The steps that the last life has logged.</summary>
    private IEnumerable<string> Steps() =>
        standby.Said.Where(line => line.StartsWith("The data directory changes: ", StringComparison.Ordinal)).Select(line => line["The data directory changes: ".Length..^1]).Distinct();

    /// <summary>A file that is being replaced has a second name for an instant: what stays is left over.</summary>
    private async Task NothingIsLeftOverAsync()
    {
        string[] left = [];
        try
        {
            await Eventually.Holds(() => (left = LeftOver()).Length == 0);
        }
        catch (Xunit.Sdk.XunitException)
        {
            Assert.Fail($"Left over: {string.Join(", ", left)}");
        }
    }

    private string[] LeftOver() =>
    [
        .. new DirectoryInfo(standby.DataDirectory).EnumerateFileSystemInfos().Select(entry => entry.Name)
            .Except(["dbstate", "guard.lease", "guard.lease.next", "guard.sh", "keeperstate", "lock", "log", "passwords.json", "postgres", "run"]),
        .. Directory.EnumerateFiles(Path.Combine(standby.DataDirectory, "run"), "secret.*"),
        .. Directory.EnumerateFiles(Path.Combine(standby.DataDirectory, "postgres"), ExchangeMarker.IdFile),
    ];

    private Task StreamsAsync() => UntilAsync("a standby that streams and has every row", async () =>
        await AskAsync("select count(*) from pg_stat_replication where state = 'streaming' and replay_lsn = pg_current_wal_lsn()") == "1");

    private async Task<string> AskAsync(string question)
    {
        await using var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={port};Username=postgres;Password=secret;Database=postgres;Pooling=false");
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand(question, connection);
        return $"{await command.ExecuteScalarAsync(Cancel)}";
    }

    private async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        var start = Stopwatch.StartNew();
        while (!await holds())
        {
            if (start.Elapsed > TimeSpan.FromSeconds(90))
            {
                Assert.Fail($"Waited for {what}. Told:\n{string.Join('\n', log.Lines)}\nThe standby:\n{string.Join('\n', standby.Said)}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancel);
        }
    }
}
