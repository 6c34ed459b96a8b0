using Stolon.Stores.Tests;

namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>One thing of a cluster fails, and comes back after a while.</summary>
internal sealed class RandomFailure(StolonCluster cluster, EtcdServer etcd, Random random)
{
    private static readonly string[] Sentinels = ["sentinel", "sentinel2"];

    /// <summary>Lets something fail, mostly of the primary, and lets it come back.</summary>
    /// <returns>What failed.</returns>
    public async Task<string> HappenAsync()
    {
        var primary = await cluster.PrimaryAsync();
        var standbys = await cluster.StandbysAsync();
        var keeper = random.Next(10) < 6 ? primary : standbys[random.Next(standbys.Length)];
        var what = random.Next(10);
        var failed = what switch
        {
            0 or 1 => await ForAWhileAsync($"keeper{keeper} killed", () => cluster.KillAsync($"keeper{keeper}"), () => cluster.StartKeeper(keeper), 12),
            2 => await ForAWhileAsync($"keeper{keeper} stopped", () => cluster.StopAsync($"keeper{keeper}"), () => cluster.StartKeeper(keeper), 10),
            3 => await ForAWhileAsync($"host of keeper{keeper} frozen", () => cluster.FreezeHost(keeper), () => cluster.ThawHost(keeper), 15),
            4 => await ForAWhileAsync($"PostgreSQL of keeper{keeper} frozen", () => cluster.FreezePostgres(keeper), () => cluster.ThawPostgres(keeper), 12),
            5 => await ForAWhileAsync($"postmaster of keeper{keeper} killed", () => cluster.KillPostmaster(keeper), () => { }, 1),
            6 => await ForAWhileAsync($"a backend of keeper{keeper} killed", () => cluster.KillBackend(keeper, random), () => { }, 1),
            7 => await SentinelAsync(),
            _ => await EtcdAsync(),
        };
        return keeper == primary && what < 7 ? $"{failed} (primary)" : failed;
    }

    private async Task<string> SentinelAsync()
    {
        var sentinel = Sentinels[random.Next(Sentinels.Length)];
        return random.Next(2) == 0
            ? await ForAWhileAsync($"{sentinel} killed", () => cluster.KillAsync(sentinel), () => cluster.StartSentinel(sentinel), 5)
            : await ForAWhileAsync($"{sentinel} frozen", () => cluster.Freeze(sentinel), () => cluster.Thaw(sentinel), 12);
    }

    private async Task<string> EtcdAsync()
    {
        var member = random.Next(3);
        var failed = random.Next(2) == 0
            ? await ForAWhileAsync($"etcd member {member} killed", () => etcd.KillAsync(member), () => etcd.Start(member), 4)
            : await ForAWhileAsync($"etcd member {member} frozen", () => etcd.Freeze(member), () => etcd.Thaw(member), 6);

        // Two of three at once would be the end of the store, which is another test.
        await etcd.AllReadyAsync();
        return failed;
    }

    private Task<string> ForAWhileAsync(string what, Action fail, Action comeBack, double seconds) =>
        ForAWhileAsync(
            what,
            () =>
            {
                fail();
                return Task.CompletedTask;
            },
            comeBack,
            seconds);

    private async Task<string> ForAWhileAsync(string what, Func<Task> fail, Action comeBack, double seconds)
    {
        var lasts = TimeSpan.FromSeconds(random.NextDouble() * seconds);
        await fail();
        await Task.Delay(lasts, TimeProvider.System, TestContext.Current.CancellationToken);
        comeBack();
        return $"{what} for {lasts.TotalSeconds:F1} s";
    }
}
