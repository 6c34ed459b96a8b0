namespace Stolon.Integration.EndToEnd;

/// <summary>One cluster for several scenarios. Each begins by healing what the one before has left.</summary>
public abstract class ClusterFixture(bool synchronous) : IAsyncLifetime
{
    internal TestCluster Cluster { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Cluster = await TestCluster.StartAsync(synchronous: synchronous);

    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>A cluster that does not wait for standbys.</summary>
public sealed class AsynchronousCluster() : ClusterFixture(synchronous: false);

/// <summary>A cluster whose commits wait for a standby.</summary>
public sealed class SynchronousCluster() : ClusterFixture(synchronous: true);
