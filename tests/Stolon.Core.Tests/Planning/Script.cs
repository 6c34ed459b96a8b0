using System.Globalization;
using System.Text;
using Stolon.Cluster;
using Stolon.Core.Tests.Architecture;
using Stolon.Planning;
using static Stolon.Core.Tests.Planning.Story;

namespace Stolon.Core.Tests.Planning;

/// <summary>
/// Plays a story from a text: a line for each event, and below each <c>plan</c> the reasons and a picture of the cluster, indented.
/// With the environment variable STOLON_ACCEPT=1 the expected lines are rewritten, to be reviewed as a difference.
/// </summary>
internal static class Script
{
    /// <summary>The scripts beside the tests' sources.</summary>
    public static string Folder() => Path.Combine(Repository.Root, "tests", "Stolon.Core.Tests", "Scripts");

    /// <summary>Plays a script.</summary>
    /// <returns>The script with what really happened below each plan.</returns>
    public static string Play(string text)
    {
        var story = Empty();
        var played = new StringBuilder();
        foreach (var line in text.Split('\n').Where(line => !line.StartsWith(' ')).Select(line => line.TrimEnd()))
        {
            played.Append(line).Append('\n');
            if (line == "plan")
            {
                played.Append(Describe(story, story.Pass()));
            }
            else if (Shown(story, line) is { } shown)
            {
                played.Append(shown);
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                story = Happen(story, line.Split(' '));
            }
        }

        return played.ToString().TrimEnd('\n') + "\n";
    }

    private static string? Shown(Story story, string what) => what switch
    {
        "active" => $"  active proxies: {story.Look().ActiveProxies.Select(proxy => proxy.Uid).ToValueList()}\n",
        "keepers" => $"  keepers: {story.Data.Keepers.Values.Select(keeper => $"{keeper.Uid}{(keeper.Status.Healthy ? "" : " dead")}").ToValueList()}\n",
        "specs" => string.Concat(story.Data.Databases.Values.Select(db =>
            $"  {db.Uid} generation {db.Generation} maxStandbys={db.Spec.MaxStandbys} requestTimeout={db.Spec.RequestTimeout} usePgrewind={db.Spec.UsePgRewind}"
            + $" walSenders={db.Spec.AdditionalWalSenders} parameters={string.Join(' ', db.Spec.PgParameters.Select(entry => $"{entry.Key}={entry.Value}"))}"
            + $" hba={db.Spec.PgHba?.ToString() ?? "default"} slots={db.Spec.AdditionalReplicationSlots}\n")),
        _ => null,
    };

    private static Story Happen(Story story, string[] words) => words switch
    {
        ["empty"] => Empty(),
        ["healthy", var keepers] => Healthy(Number(keepers)),
        ["healthy", var keepers, .. var spec] => Healthy(Number(keepers), before => Change(before, spec)),
        ["spec", .. var spec] => story.EditSpec(before => Change(before, spec)),
        ["new", var n] => story.Reports(Number(n), keeper: report => report with { PostgresState = new PostgresState() }),
        ["reports", var n, .. var state] => story.Reports(Number(n), before => Change(before, state)),
        ["keeper", var n, var flag] => story.Reports(Number(n), keeper: report => flag switch
        {
            "canBeMaster=false" => report with { CanBePrimary = false },
            "canBeSynchronousReplica=false" => report with { CanBeSynchronousReplica = false },
            _ => throw new FormatException(flag),
        }),
        ["silent", .. var keepers] => keepers.Aggregate(story, (so, n) => so.Silences(Number(n))),
        ["insync", .. var standbys] => story.Reports(1, state => state with { SynchronousStandbys = standbys.Select(n => Db(Number(n))).ToValueList() }),
        ["converge", .. var keepers] => story.Converge([.. keepers.Select(Number)]),
        ["settle"] => story.Settle(),
        ["proxy", var uid, var generation, "old"] => story.Proxy(uid, Number(generation), deadlineFromStart: false),
        ["endproxy", var uid] => story.ProxyEnds(uid),
        ["loseproxy", var uid] => story.ProxyVanishes(uid),
        ["mute", var uid] => story.ProxySilences(uid),
        ["restart"] => story.SentinelRestarts(),
        ["passfails"] => story.PassFails(),
        ["proxy", var uid, var generation] => story.Proxy(uid, Number(generation)),
        ["seconds", var seconds] => story.Passes(double.Parse(seconds, CultureInfo.InvariantCulture)),
        ["wait", var seconds] => story.Waits(double.Parse(seconds, CultureInfo.InvariantCulture)).Heartbeats(),
        _ => throw new FormatException($"no such event: {string.Join(' ', words)}"),
    };

    private static ClusterSpec Change(ClusterSpec spec, string[] changes)
    {
        var json = string.Join(',', changes.Select(change => change.Split('=')).Select(pair => $"\"{pair[0]}\":{(double.TryParse(pair[1], CultureInfo.InvariantCulture, out _) || pair[1] is "true" or "false" || pair[1][0] is '[' or '{' ? pair[1] : $"\"{pair[1]}\"")}"));
        return spec.Merge(Encoding.UTF8.GetBytes($"{{{json}}}"));
    }

    private static PostgresState Change(PostgresState state, string[] changes) => changes.Aggregate(state, (so, change) => change.Split('=') switch
    {
        ["ill"] => so with { Healthy = false },
        ["well"] => so with { Healthy = true },
        ["wal", var position] => so with { XLogPos = new Lsn(ulong.Parse(position, CultureInfo.InvariantCulture)) },
        ["gone"] => so with { WalReceiver = WalReceiverState.Gone },
        ["timeline", var timeline] => so with { TimelineId = uint.Parse(timeline, CultureInfo.InvariantCulture) },
        ["primary"] => so with { Role = Role.Primary },
        _ => throw new FormatException($"no such state: {change}"),
    });

    private static string Describe(Story story, Plan plan)
    {
        var text = new StringBuilder();
        foreach (var reason in plan.Reasons)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {(reason.IsChange ? '*' : '-')} {reason.Text}\n");
        }

        var data = story.Data;
        foreach (var db in data.Databases.Values)
        {
            var sync = db.Spec.SynchronousReplication
                ? $" S={db.Spec.SynchronousStandbys} K={db.Status.SynchronousStandbys}{(db.Spec.ExternalSynchronousStandbys.Count > 0 ? " blocked" : "")}"
                : "";
            text.Append(CultureInfo.InvariantCulture,
                $"  {db.Uid} on {db.Spec.Keeper} {(db.Uid == data.Cluster.Status.Primary ? "PRIMARY" : db.Spec.Role.ToString().ToLowerInvariant())}"
                + $"{(db.Spec.Follow?.Db is { } followed ? $" of {followed}" : "")} {db.Spec.InitMode.ToString().ToLowerInvariant()}"
                + $" generation {db.Status.CurrentGeneration}/{db.Generation}{(db.Status.Healthy ? "" : " ill")}{sync}"
                + $"{(db.Spec.Followers.Count > 0 ? $" followers {db.Spec.Followers}" : "")}\n");
        }

        return text.Append(CultureInfo.InvariantCulture,
            $"  {data.Cluster.Status.Phase.ToString().ToLowerInvariant()}, clients to {data.Proxy.Spec.PrimaryDb?.Value ?? "nobody"} (generation {data.Proxy.Generation})\n").ToString();
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
