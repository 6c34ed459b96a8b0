namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>A cluster of which every part is as a switchover needs it.</summary>
internal static class SwitchoverScene
{
    /// <summary>Clients can write, and all standbys can be relied on.</summary>
    public static async Task ReadyAsync(StolonCluster cluster, bool synchronous)
    {
        await cluster.WritableAsync();
        var standbys = await cluster.StandbysAsync();
        await cluster.ReliableAsync(standbys.Length + 1);
        await cluster.StandbysFollowAsync(standbys.Length);
        if (synchronous)
        {
            await cluster.UntilAsync(async () => (await cluster.DocumentAsync())["dbs"]!.AsObject()
                .Any(db => db.Value!["status"]!["synchronousStandbys"] is System.Text.Json.Nodes.JsonArray { Count: > 0 }), "a standby is in sync");
        }
    }
}
