using Stolon.Cluster;

namespace Stolon.Integration.Keeper;

/// <summary>A disk that hangs, as a dead network disk does: no call comes back, and none can be cancelled.</summary>
public sealed class HangingDiskTests : IDisposable
{
    private readonly ManualResetEventSlim disk = new(initialState: true);

    [Fact]
    [Trait("Rule", "K9")]
    [Trait("Rule", "S12")]
    public async Task A_keeper_whose_look_hangs_reports_within_the_limit_that_PostgreSQL_does_not_answer_and_recovers()
    {
        await using var scene = await ServingAsync();

        disk.Reset();
        var began = scene.Time.GetTimestamp();
        await Hosting.Eventually.Holds(async () => (await scene.ReportAsync())?.PostgresState?.Healthy == false, scene.Time);

        scene.Time.GetElapsedTime(began).Should().BeLessThan(TimeSpan.FromSeconds(5), "two limits of a look and the sleepInterval");
        (await scene.ReportAsync())!.Trouble.Should().Contain("disk");
        disk.Set();
        await Hosting.Eventually.Holds(async () => (await scene.ReportAsync())?.PostgresState?.Healthy == true, scene.Time);
        scene.Instance.Did.All.Should().NotContain(entry => entry.StartsWith("stop", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Rule", "K9")]
    public async Task A_keeper_that_cannot_look_for_too_long_reports_that_PostgreSQL_does_not_answer()
    {
        await using var scene = await ServingAsync();

        scene.Instance.Look = () => throw new IOException("Input/output error");

        await Hosting.Eventually.Holds(async () => (await scene.ReportAsync())?.PostgresState?.Healthy == false, scene.Time);
    }

    [Fact]
    [Trait("Rule", "S7")]
    [Trait("Rule", "S4b")]
    public async Task While_a_look_hangs_nothing_is_started_and_a_primary_that_another_replaced_is_fenced()
    {
        await using var scene = await ServingAsync();
        disk.Reset();
        await Hosting.Eventually.Holds(async () => (await scene.ReportAsync())?.PostgresState?.Healthy == false, scene.Time);
        var done = scene.Instance.Did.All.Count;

        await scene.ChangeDbAsync(db => db with { Generation = 3, Spec = db.Spec with { PgParameters = db.Spec.PgParameters.With("work_mem", "8MB") } });
        await scene.PassAsync(3);
        scene.Instance.Did.All.Should().HaveCount(done, "nobody knows what is there");

        await scene.ChangeAsync(data => data with { Cluster = data.Cluster with { Status = data.Cluster.Status with { Primary = new DbId("db2") } } });
        await scene.UntilAsync(() => scene.Instance.Did.All.Contains("stop Fast"));
        await scene.PassAsync(3);
        scene.Instance.Did.All.Skip(done).Should().OnlyContain(entry => entry.StartsWith("stop", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        disk.Set();
        disk.Dispose();
    }

    private async Task<KeeperScene> ServingAsync()
    {
        var scene = new KeeperScene().WithItsData();
        scene.Instance.Look = () =>
        {
            disk.Wait();
            return scene.Instance.State;
        };
        await scene.StartAsync();
        await scene.UntilAsync(() => scene.Instance.Did.All.Contains("apply open"));
        await Hosting.Eventually.Holds(async () => (await scene.ReportAsync())?.PostgresState?.Healthy == true, scene.Time);
        return scene;
    }
}
