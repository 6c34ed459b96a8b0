using Microsoft.Extensions.Time.Testing;
using Stolon.Cluster;
using Stolon.Hosting;
using Stolon.Hosting.Administration;
using Stolon.Hosting.Stores;
using Stolon.Storage;

namespace Stolon.Integration.Hosting;

public sealed class AdministrationTests : IAsyncDisposable
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly TamperedStore store;
    private readonly ClusterAdministration administration;

    public AdministrationTests()
    {
        var time = new FakeTimeProvider();
        store = new TamperedStore(new InMemoryClusterStore(time));
        administration = new ClusterAdministration("orders", store, time);
    }

    [Fact]
    [Trait("Rule", "A1")]
    [Trait("Rule", "Q1")]
    public async Task Init_writes_a_fresh_document_with_our_values()
    {
        await administration.InitAsync(new ClusterSpec { InitMode = InitMode.New }, options: null, Cancel);

        var data = await ReadAsync();
        data.Cluster.Status.Phase.Should().Be(ClusterPhase.Initializing);
        data.Cluster.Spec.FailInterval.Should().Be(TimeSpan.FromSeconds(10));
        data.Cluster.Spec.MaxStandbyLag.Should().Be(1048576);
        data.Revision.Should().Be(1);
        (await administration.GetHistoryAsync(Cancel)).Should().ContainSingle().Which.Sentinel.Should().BeEmpty();
    }

    [Fact]
    [Trait("Rule", "A1")]
    public async Task Init_refuses_to_replace_a_cluster_unless_forced_and_keeps_the_history()
    {
        await WriteAsync(A.Document(A.Spec));
        await store.PublishAsync(A.KeeperReport("keeper1", "c0000001") with { SeenRevision = 20 }, TimeSpan.FromMinutes(1), Cancel);

        (await FluentActions.Awaiting(() => administration.InitAsync(A.Spec, options: null, Cancel)).Should().ThrowAsync<StolonException>())
            .WithMessage("*orders exists already*");
        (await ReadAsync()).Cluster.Uid.Should().Be("c0000001");

        await administration.InitAsync(A.Spec, new InitOptions { Replace = true, DiscardData = true }, Cancel);

        var data = await ReadAsync();
        data.Cluster.Uid.Should().NotBe("c0000001");
        data.Cluster.Status.DiscardData.Should().BeTrue();
        data.Revision.Should().Be(21, "no keeper has seen a higher one");
        (await administration.GetHistoryAsync(Cancel)).Should().HaveCount(2);
    }

    [Theory]
    [Trait("Rule", "A2")]
    [Trait("Rule", "S10")]
    [InlineData("""{"failIntervall": "5s"}""", "$.failIntervall")]
    [InlineData("""{"standbyConfig": {"standbySettings": {"primaryConnInfo": "x"}}}""", "$.standbyConfig.standbySettings.primaryConnInfo")]
    [InlineData("""{"failInterval": "2s"}""", "failInterval")]
    [InlineData("""{"failInterval": 2}""", "failInterval")]
    [InlineData("""{"maxStandbys": 0}""", "maxStandbys")]
    [InlineData("""{"initMode": "existing", "existingConfig": {"keeperUID": "a"}}""", "initMode")]
    [InlineData("""{"role": "standby", "standbyConfig": {"standbySettings": {}}}""", "role")]
    [InlineData("""["x"]""", "object")]
    [InlineData("""{"x""", "JSON")]
    public async Task An_update_with_a_mistake_names_it_and_changes_nothing(string patch, string named)
    {
        await WriteAsync(A.Document(A.Spec));
        var before = await store.ReadAsync(Cancel);

        (await FluentActions.Awaiting(() => administration.PatchAsync(patch, Cancel)).Should().ThrowAsync<InvalidSpecException>())
            .WithMessage($"*{named}*");

        (await store.ReadAsync(Cancel))!.Version.Should().Be(before!.Version);
    }

    [Fact]
    [Trait("Rule", "A2")]
    public async Task A_merge_patch_changes_what_it_names_unsets_what_is_null_and_keeps_the_rest()
    {
        await WriteAsync(A.Document(A.Spec with { MaxStandbys = 7, PgParameters = new([new("work_mem", "1MB"), new("jit", "off")]) }));

        await administration.PatchAsync("""{"maxStandbys": null, "pgParameters": {"work_mem": "8MB", "jit": null}}""", new UpdateOptions { Force = true }, Cancel);

        var data = await ReadAsync();
        data.Cluster.Spec.MaxStandbys.Should().BeNull();
        data.Cluster.Spec.PgParameters.ToString().Should().Be("{work_mem=8MB}");
        data.Cluster.Spec.FailInterval.Should().Be(TimeSpan.FromSeconds(10));
        data.Revision.Should().Be(11);
        (await administration.GetHistoryAsync(Cancel)).Last().Text.Should().Contain("maxStandbys, pgParameters").And.NotContain("8MB");
    }

    [Fact]
    [Trait("Rule", "A2")]
    public async Task An_update_that_changes_nothing_writes_nothing()
    {
        await WriteAsync(A.Document(A.Spec));
        var before = await store.ReadAsync(Cancel);

        await administration.UpdateAsync(A.Spec, Cancel);

        (await store.ReadAsync(Cancel))!.Version.Should().Be(before!.Version);
    }

    [Fact]
    [Trait("Rule", "A2")]
    public async Task An_update_is_tried_again_when_somebody_else_wrote_in_between()
    {
        await WriteAsync(A.Document(A.Spec));
        var interfered = false;
        store.BeforeWrite = async () =>
        {
            if (!interfered)
            {
                interfered = true;
                var stored = (await store.ReadAsync(Cancel))!;
                await store.TryWriteAsync(stored.Data with { Proxy = stored.Data.Proxy with { Generation = 99 } }, stored.Version, [], Cancel);
            }
        };

        await administration.PatchAsync("""{"maxStandbys": 7}""", Cancel);

        var data = await ReadAsync();
        data.Cluster.Spec.MaxStandbys.Should().Be(7);
        data.Proxy.Generation.Should().Be(99);
    }

    [Fact]
    [Trait("Rule", "A3")]
    public async Task Promote_makes_a_standby_cluster_an_ordinary_one_and_is_nothing_for_an_ordinary_one()
    {
        await WriteAsync(A.Document(A.Spec with { Role = Role.Standby, StandbyConfig = new StandbyConfig() }));

        await administration.PromoteAsync(Cancel);
        var promoted = await store.ReadAsync(Cancel);
        await administration.PromoteAsync(Cancel);

        promoted!.Data.Cluster.Spec.Role.Should().Be(Role.Primary);
        (await store.ReadAsync(Cancel))!.Version.Should().Be(promoted.Version);
    }

    [Fact]
    [Trait("Rule", "A4")]
    public async Task A_keeper_can_be_failed_and_an_unknown_one_is_named()
    {
        await WriteAsync(A.Document(A.Spec, A.Primary("db1"), A.Standby("db2", of: "db1")));

        await administration.FailKeeperAsync(new KeeperId("keeper_db1"), Cancel);

        (await ReadAsync()).Keepers[new KeeperId("keeper_db1")].Status.ForceFail.Should().BeTrue();
        (await FluentActions.Awaiting(() => administration.FailKeeperAsync(new KeeperId("nobody"), Cancel))
            .Should().ThrowAsync<StolonException>()).WithMessage("*nobody*keeper_db1, keeper_db2*");
    }

    [Fact]
    [Trait("Rule", "A4")]
    public async Task A_keeper_is_removed_with_its_db_unless_it_holds_the_primary()
    {
        await WriteAsync(A.Document(A.Spec, A.Primary("db1"), A.Standby("db2", of: "db1")));

        await administration.RemoveKeeperAsync(new KeeperId("keeper_db2"), Cancel);

        var data = await ReadAsync();
        data.Keepers.Keys.Should().Equal(new KeeperId("keeper_db1"));
        data.Databases.Keys.Should().Equal(new DbId("db1"));
        (await FluentActions.Awaiting(() => administration.RemoveKeeperAsync(new KeeperId("keeper_db1"), Cancel))
            .Should().ThrowAsync<StolonException>()).WithMessage("*holds the primary*");
    }

    [Fact]
    public async Task Without_a_cluster_every_change_says_what_to_do_first()
    {
        (await FluentActions.Awaiting(() => administration.PatchAsync("{}", Cancel)).Should().ThrowAsync<StolonException>())
            .WithMessage("*orders does not exist*Initialise*");
        (await administration.GetStatusAsync(Cancel)).Uid.Should().BeNull();
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private async Task<ClusterData> ReadAsync() => (await store.ReadAsync(Cancel))!.Data;

    private async Task WriteAsync(ClusterData data) =>
        await store.TryWriteAsync(data, expected: null, [new Decision(default, "", "Test", "It began.")], Cancel);
}
