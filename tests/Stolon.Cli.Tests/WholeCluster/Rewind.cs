namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>The same with pg_rewind and without.</summary>
internal static class Rewind
{
    public static string Spec(bool isUsed) => $""" "usePgrewind": {(isUsed ? "true" : "false")} """;

    /// <summary>What the keeper says when it is done.</summary>
    public static string Words(bool isUsed) => isUsed ? "is rewound by pg_rewind" : "The copy of";

    /// <summary>A row that no synchronous standby has, and that no client was told of.</summary>
    public static Task<string> WriteAloneAsync(StolonCluster cluster, int keeper, string statement) =>
        cluster.AskKeeperAsync(keeper, $"set synchronous_commit = local; {statement}");
}
