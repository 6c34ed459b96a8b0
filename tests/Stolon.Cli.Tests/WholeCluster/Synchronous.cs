namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>The same cluster with and without synchronous replication.</summary>
internal static class Synchronous
{
    /// <summary>The member of the specification.</summary>
    public static string Spec(bool isOn) => $""" "synchronousReplication": {(isOn ? "true" : "false")} """;

    /// <summary>Waits until clients can write and the only standby can be relied on.</summary>
    public static async Task ReadyAsync(StolonCluster cluster, bool isOn)
    {
        await cluster.WritableAsync();
        await cluster.ReliableAsync(2);
        if (isOn)
        {
            await cluster.InSyncAsync((await cluster.StandbysAsync())[0]);
        }
    }
}
