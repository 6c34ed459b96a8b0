using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Stolon.Cluster;
using Stolon.Hosting.Postgres;
using Stolon.Postgres;

namespace Stolon.Integration.Postgres;

/// <summary>Where PGDATA cannot be exchanged, it is rebuilt in its place (Q31); and what writes it is of this life only (Q42).</summary>
[Collection(EndToEnd.ClusterCollection.Name)]
[Trait("Rule", "Q31")]
public sealed class InPlaceTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Rule", "K25")]
    [Trait("Rule", "S12")]
    public async Task A_fresh_cluster_in_a_linked_PGDATA_is_made_again_after_a_failure_and_until_it_is_first_started()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.OpenAsync();
        fixture.LinkPgData("elsewhere");
        var parameters = fixture.Configuration(instance).Parameters;

        var wrong = () => instance.CreateAsync(new NewConfig(), parameters.With("work_mem", "nonsense"), "c1", Limit, Cancel);
        (await wrong.Should().ThrowAsync<PostgresInstanceException>()).Which.Message.Should().Contain("work_mem", "its log is quoted");
        instance.Inspect().Initialized.Should().BeFalse();
        await instance.CreateAsync(new NewConfig(), parameters, "c1", Limit, Cancel);
        instance.Inspect().Initialized.Should().BeTrue();

        // As after a crash between this and the keeper's own note of it.
        await instance.CreateAsync(new NewConfig(), parameters, "c1", Limit, Cancel);
        await instance.StartAsync(fixture.Configuration(instance), Cancel);
        await instance.WaitReadyAsync(Limit, Cancel);
        await instance.StopAsync(StopMode.Fast, Limit, Cancel);

        var late = () => instance.CreateAsync(new NewConfig(), parameters, "c1", Limit, Cancel);
        (await late.Should().ThrowAsync<PostgresInstanceException>()).Which.Message.Should().Contain("cannot be moved away");
        instance.Inspect().Initialized.Should().BeTrue();
    }

    [Fact]
    [Trait("Rule", "R4")]
    public async Task A_linked_PGDATA_is_copied_in_place_and_the_link_stays()
    {
        await using var source = new PostgresFixture();
        var request = await RunPrimaryAsync(source);
        await using var fixture = new PostgresFixture();
        var instance = await fixture.OpenAsync();
        fixture.LinkPgData("elsewhere");
        fixture.PretendData();

        await instance.CopyAsync(request, new Progress<CopyProgress>(), Cancel);

        instance.Inspect().Should().Be(new InstanceState(Initialized: true, Running: false, Role.Standby));
        File.ResolveLinkTarget(fixture.PgData, returnFinalTarget: false)!.Name.Should().Be("elsewhere");
    }

    [Fact]
    [Trait("Rule", "S12")]
    [Trait("Rule", "R6")]
    public async Task A_copy_in_place_that_does_not_fit_leaves_the_old_data()
    {
        Environment.IsPrivilegedProcess.Should().BeTrue("a disk of its own can only be mounted by root");
        await using var source = new PostgresFixture();
        var request = await RunPrimaryAsync(source);
        await using var fixture = new PostgresFixture();
        fixture.MountSmallDisk(megabytes: 16);
        var instance = await fixture.OpenAsync();
        fixture.LinkPgData("elsewhere");
        fixture.PretendData();

        var copy = () => instance.CopyAsync(request, new Progress<CopyProgress>(), Cancel);

        (await copy.Should().ThrowAsync<PostgresInstanceException>()).Which.Message.Should().Contain("The copy needs");
        instance.Inspect().Initialized.Should().BeTrue();
    }

    [Fact]
    [Trait("Rule", "R4")]
    public async Task A_copy_reads_no_faster_than_its_limit()
    {
        await using var source = new PostgresFixture();
        var request = await RunPrimaryAsync(source);
        await using var fixture = new PostgresFixture();
        var instance = await fixture.OpenAsync();
        var start = TimeProvider.System.GetTimestamp();

        await instance.CopyAsync(request with { MegabytesPerSecond = 8 }, new Progress<CopyProgress>(), Cancel);

        // A fresh cluster has more than 20 MB.
        TimeProvider.System.GetElapsedTime(start).Should().BeGreaterThan(TimeSpan.FromSeconds(2));
        instance.Inspect().Initialized.Should().BeTrue();
    }

    [Fact]
    [Trait("Rule", "Q42")]
    [Trait("Rule", "PG6")]
    public async Task A_copy_that_a_killed_keeper_left_running_is_ended_before_its_target_is_removed()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.OpenAsync();
        var folder = new DataFolder(fixture.DataDirectory);
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;
        var start = PostgresProgram.StartInfo(
            PostgresFixture.Owner, folder.Root, fixture.Program("pg_basebackup"), ["-D", folder.New, "-d", $"host=127.0.0.1 port={port}"], null);
        using var copy = Process.Start(start)!;

        await instance.RepairAsync(Cancel);

        copy.HasExited.Should().BeTrue();
    }

    [Fact]
    [Trait("Rule", "Q42")]
    [Trait("Rule", "R3")]
    public async Task A_rewind_that_a_killed_keeper_left_running_is_ended_before_anything_else_is_done_with_its_data()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.CreateAsync();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var source = $"--source-server=host=127.0.0.1 port={((IPEndPoint)silent.LocalEndpoint).Port}";
        using var rewind = Process.Start(PostgresProgram.StartInfo(
            PostgresFixture.Owner, fixture.DataDirectory, fixture.Program("pg_rewind"), ["-D", fixture.PgData, source], null))!;
        using var connected = await silent.AcceptTcpClientAsync(Cancel);

        await instance.RepairAsync(Cancel);

        rewind.HasExited.Should().BeTrue();
    }

    [Fact]
    [Trait("Rule", "K27")]
    [Trait("Rule", "PG4")]
    public async Task Existing_data_that_does_not_become_ready_is_given_up_at_the_limit_of_the_specification()
    {
        await using var fixture = new PostgresFixture();
        var instance = await fixture.CreateAsync();
        PostgresFixture.Owner.Create(Path.Combine(fixture.PgData, "standby.signal"), []);

        var capture = () => instance.CaptureAsync(
            fixture.Configuration(instance).Parameters.With("hot_standby", "off"), TimeSpan.FromSeconds(1), Cancel);

        (await capture.Should().ThrowAsync<PostgresInstanceException>()).Which.Message.Should().Contain("not ready within 00:00:01");
        EndToEnd.Processes.Of(fixture.PgData).Should().BeEmpty();
    }

    private static async Task<CopyRequest> RunPrimaryAsync(PostgresFixture source)
    {
        var primary = await source.CreateAsync();
        await primary.StartAsync(source.Configuration(primary), Cancel);
        await primary.WaitReadyAsync(Limit, Cancel);
        var state = await primary.CollectAsync(Cancel);
        return new CopyRequest(new ConnInfo("127.0.0.1", source.Port, "replicator", "stolon_db2"), "secret too", null, state.SystemId);
    }
}
