namespace Stolon.Integration.EndToEnd;

/// <summary>A stopped cluster with a table, and two copies of its store: one of yesterday, when another was primary, and the present one.</summary>
public sealed class ClusterWithStoreCopies : IAsyncDisposable
{
    internal TestCluster Cluster { get; private set; } = null!;

    internal byte[] Yesterday { get; private set; } = [];

    internal byte[] Present { get; private set; } = [];

    /// <summary>Whether the last scenario ended as it should; otherwise the next one begins with a new cluster.</summary>
    internal bool IsSound { get; private set; }

    /// <summary>Called before each scenario.</summary>
    internal async Task PrepareAsync()
    {
        if (!IsSound)
        {
            await DisposeAsync();
            Cluster = await TestCluster.StartAsync(keepers: 2);
            await Cluster.QueryAsync("create table kept as select 42 as answer");
            await KeepAsync();
            Yesterday = Present;

            Cluster.Run();
            await Cluster.HealAsync();
            var primary = await Cluster.PrimaryAsync();
            Cluster.KillHost(primary);
            await Cluster.UntilAsync("another primary", status => status.IsAvailable && status.PrimaryKeeper?.Value != primary);
            await Cluster.HealAsync();
            await KeepAsync();
        }

        IsSound = false;
    }

    /// <summary>Stops the cluster, which is whole, and copies its store.</summary>
    internal async Task KeepAsync()
    {
        await Cluster.StopAsync();
        Present = await File.ReadAllBytesAsync(Cluster.Folder.StoreFile);
        IsSound = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (Cluster is not null)
        {
            await Cluster.DisposeAsync();
        }
    }
}
