using System.CommandLine;
using Stolon.Cli.Output;
using Stolon.Cluster;
using Stolon.Hosting.Administration;

namespace Stolon.Cli.Ctl;

/// <summary><c>ctl status</c> (A5).</summary>
internal static class StatusCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="context">What the commands share.</param>
    /// <returns>The command.</returns>
    public static Command Create(CtlContext context)
    {
        var format = FormatFlag.Create();
        var command = new Command("status", "Shows what runs, who is primary, and what is wrong.") { format };
        command.SetAction((parsed, _) => context.RunAsync(parsed, async (session, token) =>
        {
            var overview = await session.Administration.GetStatusAsync(token).ConfigureAwait(false);
            if (FormatFlag.IsJson(parsed, format))
            {
                Json.Print(ClusterJson.Write(overview.ToView()));
            }
            else
            {
                Show(overview, Screen.Standard);
            }

            if (overview.Uid is null)
            {
                throw session.Missing;
            }
        }));
        return command;
    }

    private static void Show(ClusterOverview overview, Screen screen)
    {
        screen.Section("Active sentinels");
        screen.Table(["ID", "LEADER"], [.. overview.Sentinels.Select(sentinel => new[] { sentinel.Uid.Value, Yes(sentinel.IsLeader) })], "No active sentinels");
        screen.Section("Active proxies");
        screen.Table(
            ["ID", "GENERATION", "ENABLED", "LISTENADDRESS"],
            [.. overview.Proxies.Select(proxy => new[] { proxy.Uid.Value, $"{proxy.Generation}", Yes(proxy.IsEnabled), Or(proxy.ListenAddress) })],
            "No active proxies");
        screen.Section("Keepers");
        screen.Table(
            ["UID", "HEALTHY", "PG LISTENADDRESS", "PG HEALTHY", "PG WANTEDGENERATION", "PG CURRENTGENERATION", "LAG", "TIMELINE", "VERSION"],
            [.. overview.Keepers.Select(Row)],
            "No keepers");
        screen.Section("Cluster Info");
        ShowCluster(overview, screen);
        if (overview.PrimaryKeeper is not null)
        {
            screen.Section("Keepers/DB tree");
            ShowTree(overview, screen);
        }

        ShowCopies(overview, screen);
        ShowTroubles(overview, screen);
    }

    private static string[] Row(KeeperOverview keeper) =>
    [
        keeper.Uid.Value,
        Yes(keeper.IsHealthy),
        keeper.Db is null ? "(no db assigned)" : Or(keeper.ListenAddress),
        Yes(keeper.IsPostgresHealthy),
        $"{keeper.WantedGeneration}",
        $"{keeper.CurrentGeneration}",
        keeper.LagBytes is { } lag ? $"{lag}" : "-",
        keeper.TimelineId > 0 ? $"{keeper.TimelineId}" : "-",
        keeper.PostgresVersion ?? "-",
    ];

    private static void ShowCluster(ClusterOverview overview, Screen screen)
    {
        if (overview.Uid is null)
        {
            screen.Line("No cluster available");
            return;
        }

        screen.Line($"Cluster: {overview.ClusterName} ({overview.Uid})");
        screen.Line(overview.PrimaryKeeper is { } keeper ? $"Master Keeper: {keeper}" : "No master available");
        screen.Line($"Primary available: {Yes(overview.IsAvailable)}");
        if (overview.Synchronous is { IsOn: true } synchronous)
        {
            screen.Line($"Synchronous standbys: {Names(synchronous.Wanted)}; in sync: {Names(synchronous.InSync)}{(synchronous.Blocks ? "; writes wait" : "")}");
        }
    }

    private static void ShowTree(ClusterOverview overview, Screen screen)
    {
        screen.Line($"{overview.PrimaryKeeper} (master)");
        var standbys = overview.Keepers.Where(keeper => keeper.Db is not null && !keeper.IsPrimary).ToList();
        foreach (var standby in standbys)
        {
            var isSynchronous = overview.Synchronous.InSync.Contains(standby.Uid) ? " (synchronous)" : "";
            screen.Line($"{(standby == standbys[^1] ? "└─" : "├─")}{standby.Uid}{isSynchronous}");
        }
    }

    private static void ShowCopies(ClusterOverview overview, Screen screen)
    {
        var copying = overview.Keepers.Where(keeper => keeper.Resync is not null).ToList();
        if (copying.Count > 0)
        {
            screen.Section("Copies");
            copying.ForEach(keeper => screen.Line($"{keeper.Uid}: copying {keeper.Resync}"));
        }
    }

    private static void ShowTroubles(ClusterOverview overview, Screen screen)
    {
        if (overview.Troubles.IsEmpty && overview.Warnings.IsEmpty)
        {
            return;
        }

        screen.Section("What to look at");
        foreach (var text in overview.Troubles.Concat(overview.Warnings.Select(warning => warning.Text)))
        {
            screen.Line($"- {text}");
        }
    }

    private static string Names(IEnumerable<KeeperId> keepers) => string.Join(", ", keepers) is { Length: > 0 } names ? names : "none";

    private static string Or(string text) => text.Length > 0 ? text : "(unknown)";

    private static string Yes(bool value) => value ? "true" : "false";
}
