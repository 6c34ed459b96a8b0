using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Stolon.Tests;

namespace Stolon.Comparison.Machines;

/// <summary>One etcd, with its data in a folder of its own.</summary>
internal sealed class Etcd : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly HttpClient http;
    private readonly Running process;

    private Etcd(Running process, int port)
    {
        (this.process, Port) = (process, port);
        http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(5) };
    }

    public int Port { get; }

    public string Endpoint => $"http://127.0.0.1:{Port}";

    public static async Task<Etcd> StartAsync(string folder)
    {
        var (client, peer) = (FreePort.Next(), FreePort.Next());
        var server = Running.Start(
            Path.Combine(folder, "etcd.log"),
            ["etcd", "--data-dir", Path.Combine(folder, "etcd"), "--listen-client-urls", $"http://127.0.0.1:{client}", "--advertise-client-urls",
                $"http://127.0.0.1:{client}", "--listen-peer-urls", $"http://127.0.0.1:{peer}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{peer}",
                "--initial-cluster", $"default=http://127.0.0.1:{peer}", "--log-level", "error"]);
        var etcd = new Etcd(server, client);
        await Patience.UntilAsync(async () => await etcd.RevisionAsync() > 0, StartLimit, "etcd answers");
        return etcd;
    }

    /// <summary>Grows by one with every write; keeping a lease alive is none.</summary>
    public async Task<long> RevisionAsync()
    {
        using var answer = await http.PostAsJsonAsync("/v3/kv/range", new { key = "AA==" });
        var header = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["header"]!;
        return long.Parse((string)header["revision"]!, CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await process.DisposeAsync();
    }
}
