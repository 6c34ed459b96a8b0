using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Stolon.Cli.Tests.WholeCluster;

/// <summary>What its document says, read from etcd itself: a look costs no process.</summary>
internal sealed partial class StolonCluster
{
    private static readonly HttpClient Gateway = new() { Timeout = TimeSpan.FromSeconds(5) };

    public async Task<JsonNode> DocumentAsync()
    {
        var key = Convert.ToBase64String(Encoding.UTF8.GetBytes($"stolon/cluster/{name}/clusterdata"));
        foreach (var endpoint in etcd.Endpoints)
        {
            try
            {
                using var answer = await Gateway.PostAsJsonAsync($"{endpoint}/v3/kv/range", new { key });
                var found = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
                return JsonNode.Parse(Convert.FromBase64String((string)found["kvs"]![0]!["value"]!))!;
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                // The next member, if there is one.
            }
        }

        throw new IOException("no member of etcd answers");
    }

    /// <summary>The number of the keeper with the primary; 0 = there is none yet.</summary>
    public async Task<int> PrimaryAsync()
    {
        var document = await DocumentAsync();
        return (string?)document["cluster"]!["status"]!["master"] is { Length: > 0 } primary ? KeeperOf(document["dbs"]![primary]) : 0;
    }

    /// <summary>The numbers of the others.</summary>
    public async Task<int[]> StandbysAsync() => [.. places.Keys.Except([await PrimaryAsync()]).Order()];

    /// <summary>The uid of a keeper's db; "" = it has none.</summary>
    public async Task<string> DbOfAsync(int keeper) =>
        (await DocumentAsync())["dbs"]!.AsObject().FirstOrDefault(pair => KeeperOf(pair.Value) == keeper).Key ?? "";

    /// <summary>Waits until the keeper has the primary.</summary>
    public Task ElectedAsync(int keeper) => UntilAsync(async () => await PrimaryAsync() == keeper, $"keeper{keeper} has the primary");

    /// <summary>Waits until the sentinel refuses every candidate, this one for this reason.</summary>
    public Task RefusedAsync(int keeper, string because) => UntilAsync(
        async () => (await CtlAsync("explain")).Out.Split('\n').Any(line => line.Contains($"keeper{keeper}", StringComparison.Ordinal) && line.Contains(because, StringComparison.Ordinal)),
        $"keeper{keeper} is refused: {because}");

    /// <summary>Waits until a standby's stored position is so many bytes behind the primary's.</summary>
    public Task LagsAsync(int standby, long bytes) => UntilAsync(
        async () =>
        {
            var document = await DocumentAsync();
            var primary = document["dbs"]![(string)document["cluster"]!["status"]!["master"]!]!;
            var behind = document["dbs"]!.AsObject().Single(pair => KeeperOf(pair.Value) == standby).Value!;
            return ((long?)primary["status"]!["xLogPos"] ?? 0) - ((long?)behind["status"]!["xLogPos"] ?? 0) > bytes;
        },
        $"keeper{standby} is behind");

    /// <summary>Waits until so many dbs are there, complete, and have carried out what the document asks: standbys to rely on.</summary>
    public Task ReliableAsync(int dbs) => UntilAsync(
        async () =>
        {
            var all = (await DocumentAsync())["dbs"]!.AsObject().Select(pair => pair.Value!).ToList();
            return all.Count == dbs && all.TrueForAll(db => (string?)db["spec"]!["initMode"] == "none" && IsConverged(db));
        },
        $"{dbs} dbs are complete");

    /// <summary>Waits until these keepers' dbs are the ones that the primary is known to wait for, and no others.</summary>
    public Task InSyncAsync(params int[] keepers) => UntilAsync(
        async () =>
        {
            var document = await DocumentAsync();
            var primary = document["dbs"]![(string)document["cluster"]!["status"]!["master"]!]!;
            int[] Keepers(JsonNode? uids) => [.. (uids?.AsArray() ?? []).Select(uid => KeeperOf(document["dbs"]![(string)uid!])).Order()];
            return Keepers(primary["spec"]!["synchronousStandbys"]).SequenceEqual(keepers.Order())
                && Keepers(primary["status"]!["synchronousStandbys"]).SequenceEqual(keepers.Order()) && IsConverged(primary);
        },
        $"in sync are {string.Join(", ", keepers)}");

    /// <summary>Waits until a keeper is given up; one that is removed before is taken for a new one.</summary>
    public Task GivenUpAsync(int keeper) => UntilAsync(
        async () => (bool?)(await DocumentAsync())["keepers"]![$"keeper{keeper}"]!["status"]!["healthy"] != true, $"keeper{keeper} is given up");

    /// <summary>Waits until these keepers are known, and no others.</summary>
    public Task KeepersAsync(params int[] numbers) => UntilAsync(
        async () => (await DocumentAsync())["keepers"]!.AsObject().Select(pair => NumberOf(pair.Key)).Order().SequenceEqual(numbers.Order()),
        $"the keepers are {string.Join(", ", numbers)}");

    /// <summary>Waits until every db has carried out what the document asks.</summary>
    public Task ConvergedAsync() => UntilAsync(
        async () => (await DocumentAsync())["dbs"]!.AsObject().All(pair => IsConverged(pair.Value!)),
        "all dbs converge");

    private static bool IsConverged(JsonNode db) =>
        (long)db["generation"]! == (long?)db["status"]!["currentGeneration"] && (bool?)db["status"]!["healthy"] == true;

    /// <summary>The number of a db's keeper; 0 = there is no such db.</summary>
    public static int KeeperOf(JsonNode? db) => db is null ? 0 : NumberOf((string)db["spec"]!["keeperUID"]!);

    private static int NumberOf(string keeper) => int.Parse(keeper["keeper".Length..], CultureInfo.InvariantCulture);
}
