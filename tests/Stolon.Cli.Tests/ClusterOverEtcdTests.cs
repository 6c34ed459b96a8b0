using System.Net.Sockets;
using Npgsql;
using Stolon.Cli.Tests.WholeCluster;
using Stolon.Stores.Tests;

namespace Stolon.Cli.Tests;

/// <summary>A cluster over etcd as an operator runs it, when etcd goes away, and what it keeps to itself.</summary>
public sealed class ClusterOverEtcdTests(ClusterOverEtcdTests.Cluster cluster) : IClassFixture<ClusterOverEtcdTests.Cluster>
{
    [Fact, Trait("Rule", "S4")]
    public async Task No_client_notices_that_etcd_is_away_for_five_seconds()
    {
        await using var connection = await cluster.ConnectAsync();
        var written = 0;
        var start = TimeProvider.System.GetTimestamp();
        cluster.Etcd.Freeze(0);
        try
        {
            while (TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(5))
            {
                await InsertAsync(connection);
                written++;
            }
        }
        finally
        {
            cluster.Etcd.Thaw(0);
        }

        // The same connection goes on afterwards too.
        await Wait.UntilAsync(async () => (await cluster.CtlAsync("status")).Code == 0, because: "etcd is back");
        await InsertAsync(connection);
        written.Should().BeGreaterThan(10);
    }

    [Fact, Trait("Rule", "S4"), Trait("Rule", "X3")]
    public async Task When_etcd_is_away_for_longer_clients_are_cut_the_primary_stops_and_all_comes_back_by_itself()
    {
        await using var connection = await cluster.ConnectAsync();
        var primary = await cluster.PrimaryAsync();
        cluster.Etcd.Freeze(0);
        try
        {
            await Wait.UntilAsync(() => IsCutAsync(connection), because: "proxies cut their clients");
            await Wait.UntilAsync(RefusesAsync, because: "proxies stop listening");
            await Wait.UntilAsync(() => !Processes.HasPostgres(Path.Combine(cluster.KeeperFolder(primary), "postgres")), because: "the primary fences itself");
        }
        finally
        {
            cluster.Etcd.Thaw(0);
        }

        await cluster.WritableAsync();
        (await cluster.PrimaryAsync()).Should().Be(primary, "the store's absence is nobody's silence (Q29)");
    }

    [Fact, Trait("Rule", "S11")]
    public async Task No_password_is_in_the_store_the_logs_the_process_list_or_a_file_that_others_may_read()
    {
        string[] secrets = [StolonCluster.SuperuserPassword, StolonCluster.ReplicationPassword];
        var store = await cluster.Etcd.ControlAsync("get", "", "--prefix");
        store.Should().Contain("keeper1").And.NotContainAny(secrets);
        cluster.Said.Should().Contain("keeper1").And.NotContainAny(secrets);
        string.Join('\n', Processes.Arguments()).Should().NotContainAny(secrets);
        (await cluster.CtlAsync("clusterdata", "read")).ShouldSucceed().Out.Should().NotContainAny(secrets);

        var open = new[] { 1, 2 }.SelectMany(number => Directory.EnumerateFiles(
                cluster.KeeperFolder(number), "*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None }))
            .Where(IsOpenToOthers)
            .Where(file => secrets.Any(secret => ReadOrNothing(file).Contains(secret, StringComparison.Ordinal)));
        open.Should().BeEmpty();
    }

    [Fact, Trait("Rule", "A5")]
    public async Task Ctl_explains_the_cluster_and_a_role_answers_over_HTTP()
    {
        var primary = await cluster.PrimaryAsync();

        var explained = (await cluster.CtlAsync("explain")).ShouldSucceed().Out;
        explained.Should().Contain($"on keeper keeper{primary}").And.Contain($"keeper{3 - primary}");
        (await cluster.CtlAsync("history")).ShouldSucceed().Out.Should().Contain("InitializationStarted");
        (await cluster.CtlAsync("plan")).ShouldSucceed();

        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{cluster.HttpPort}") };
        (await http.GetAsync(new Uri("/livez", UriKind.Relative))).EnsureSuccessStatusCode();
        (await http.GetAsync(new Uri("/readyz", UriKind.Relative))).EnsureSuccessStatusCode();
        (await http.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Should().Contain("stolon_cluster_identifier{");
    }

    private static async Task InsertAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("insert into t default values", connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<bool> IsCutAsync(NpgsqlConnection connection)
    {
        try
        {
            await InsertAsync(connection);
            return false;
        }
        catch (NpgsqlException)
        {
            return true;
        }
    }

    private async Task<bool> RefusesAsync()
    {
        try
        {
            await using var another = await cluster.ConnectAsync();
            return false;
        }
        catch (NpgsqlException exception)
        {
            return exception.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused };
        }
    }

    private static bool IsOpenToOthers(string file) =>
        !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != UnixFileMode.None
        && new FileInfo(file) is { LinkTarget: null };

    private static string ReadOrNothing(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            // Gone meanwhile, or a socket.
            return "";
        }
    }

    /// <summary>One for all tests of the class.</summary>
    public sealed class Cluster() : EtcdCluster(members: 1);
}
