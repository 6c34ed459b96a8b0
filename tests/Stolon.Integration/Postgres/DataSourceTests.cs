using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Stolon.Cluster;
using Stolon.Hosting.Client;
using Stolon.Hosting.Postgres;
using Stolon.Postgres;

namespace Stolon.Integration.Postgres;

/// <summary>An application's data sources before a real primary and a real standby.</summary>
[Collection(EndToEnd.ClusterCollection.Name)]
public sealed class DataSourceTests : IAsyncLifetime
{
    private const string OfTheApplication = "select count(*) from pg_stat_activity where application_name = 'app'";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly PostgresFixture left = new();
    private readonly PostgresFixture right = new();
    private PostgresInstance primary = null!;
    private PostgresInstance standby = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        primary = await left.CreateAsync();
        await primary.StartAsync(left.Configuration(primary), Cancel);
        await primary.WaitReadyAsync(Limit, Cancel);
        await primary.SettleSlotsAsync(new HashSet<string>(StringComparer.Ordinal) { "stolon_db2" }, Cancel);
        await left.AskAsync("create table written (n int)");
        standby = await right.OpenAsync();
        var source = new ConnInfo("127.0.0.1", left.Port, "replicator", "stolon_db2");
        var systemId = (await primary.CollectAsync(Cancel)).SystemId;
        await standby.CopyAsync(new CopyRequest(source, "secret too", "stolon_db2", systemId), new Progress<CopyProgress>(), Cancel);
        var own = right.Configuration(standby);
        await standby.StartAsync(RecoverySettings.Following(new DbId("db2"), source, standby.PassFile).With(own.Parameters, own.Hba), Cancel);
        await standby.WaitReadyAsync(Limit, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await left.DisposeAsync();
        await right.DisposeAsync();
    }

    [Fact]
    public async Task Writes_go_to_the_primary_and_reads_to_the_standby_whichever_is_named_first()
    {
        foreach (var hosts in new[] { Hosts(right, left), Hosts(left, right) })
        {
            using (var host = Application(hosts))
            {
                // Several connections at once, so that new ones are opened too.
                await using var held = await Writes(host).OpenConnectionAsync(Cancel);
                await using var read = await Reads(host).OpenConnectionAsync(Cancel);
                for (var n = 0; n < 4; n++)
                {
                    await using var write = Writes(host).CreateCommand("insert into written values (1)");
                    (await write.ExecuteNonQueryAsync(Cancel)).Should().Be(1);
                    (await IsStandbyAsync(Reads(host))).Should().BeTrue();
                }

                (await IsHealthyAsync(host)).Should().BeTrue();
            }

            await Hosting.Eventually.Holds(async () => await left.ReadAsync(OfTheApplication) == "0" && await right.ReadAsync(OfTheApplication) == "0");
        }
    }

    [Fact]
    public async Task Without_the_standby_reads_go_to_the_primary()
    {
        using var host = Application(Hosts(right, left));
        (await IsStandbyAsync(Reads(host))).Should().BeTrue();

        await standby.StopAsync(StopMode.Kill, TimeSpan.FromSeconds(10), Cancel);

        await Hosting.Eventually.Holds(async () => await AnswersAsync(Reads(host)) == false);
        (await IsHealthyAsync(host)).Should().BeTrue();
    }

    [Fact]
    public async Task A_standby_alone_is_not_healthy_and_once_it_is_promoted_it_takes_the_writes()
    {
        using var host = Application(Hosts(left, right));
        (await AnswersAsync(Writes(host))).Should().BeFalse();

        await primary.StopAsync(StopMode.Kill, TimeSpan.FromSeconds(10), Cancel);
        (await IsHealthyAsync(host)).Should().BeFalse();
        await standby.PromoteAsync(Limit, Cancel);

        await Hosting.Eventually.Holds(async () => await AnswersAsync(Writes(host)) == false);
        await using var write = Writes(host).CreateCommand("insert into written values (2)");
        (await write.ExecuteNonQueryAsync(Cancel)).Should().Be(1);
        (await IsHealthyAsync(host)).Should().BeTrue();
    }

    [Fact]
    public async Task After_a_failover_has_broken_the_connections_of_all_proxies_the_next_one_opens_at_once()
    {
        // To a client two proxies are two primaries.
        using var host = Application($"127.0.0.1:{left.Port},localhost:{left.Port}");
        var source = Writes(host);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => IsStandbyAsync(source)));
        (await left.ReadAsync("select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'app'")).Should().Be("4");

        (await IsStandbyAsync(source)).Should().BeFalse();
    }

    [Fact]
    public async Task A_connection_string_for_the_standbys_leads_there_and_to_the_primary_only_when_there_is_none()
    {
        using var host = Application($"{Hosts(left, right)};Target Session Attributes=prefer-standby");
        (await IsStandbyAsync(Writes(host))).Should().BeTrue();

        await standby.StopAsync(StopMode.Kill, TimeSpan.FromSeconds(10), Cancel);

        await Hosting.Eventually.Holds(async () => await AnswersAsync(Writes(host)) == false);
    }

    [Fact]
    public async Task One_host_is_enough_be_it_an_address_or_a_socket_file()
    {
        foreach (var server in new[] { $"127.0.0.1;Port={left.Port}", $"{primary.SocketDirectory};Port={left.Port}" })
        {
            using var host = Application($"{server};Target Session Attributes=primary");

            (await IsStandbyAsync(Writes(host))).Should().BeFalse();
            (await IsStandbyAsync(Reads(host))).Should().BeFalse();
        }
    }

    private static string Hosts(PostgresFixture first, PostgresFixture second) => $"127.0.0.1:{first.Port},127.0.0.1:{second.Port}";

    private static NpgsqlDataSource Writes(IHost host) => host.Services.GetRequiredService<NpgsqlDataSource>();

    private static NpgsqlDataSource Reads(IHost host) => host.Services.GetRequiredKeyedService<NpgsqlDataSource>(StolonDataSources.Standby);

    private static async Task<bool> IsHealthyAsync(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancel)).Status == HealthStatus.Healthy;

    private static async Task<bool> IsStandbyAsync(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand("select pg_is_in_recovery()");
        return (bool)(await command.ExecuteScalarAsync(Cancel))!;
    }

    /// <summary>Whether it is a standby that answers; null = nobody does.</summary>
    private static async Task<bool?> AnswersAsync(NpgsqlDataSource source)
    {
        try
        {
            return await IsStandbyAsync(source);
        }
        catch (NpgsqlException)
        {
            return null;
        }
    }

    private static IHost Application(string hosts)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["ConnectionStrings:orders"] =
            $"Host={hosts};Username=postgres;Password=secret;Database=postgres;Application Name=app";
        builder.AddStolonDataSource("orders");
        return builder.Build();
    }
}
