using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Stolon.AspNetCore.Tests;

/// <summary>A host with a listener on a free port, and somebody who asks it.</summary>
internal sealed class Node : IAsyncDisposable
{
    private readonly IHost host;
    private readonly HttpClient client = new();
    private bool isStopped;

    private Node(IHost host) => this.host = host;

    public IServiceProvider Services => host.Services;

    public IPEndPoint EndPoint { get; private set; } = new(IPAddress.None, 0);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Starts a host; the listener is added to what the test registers.</summary>
    public static async Task<Node> StartAsync(Action<IServiceCollection> register)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        register(builder.Services);
        var node = new Node(builder.Build());
        try
        {
            await node.host.StartAsync(Cancel);
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }

        node.EndPoint = node.host.Services.GetServices<IHostedService>().OfType<HttpListener>().Single().ListeningOn!;
        return node;
    }

    /// <summary>As <see cref="StartAsync"/>, but returns when the listener answers; the roles may still be starting.</summary>
    public static async Task<(Node Node, Task Started)> BeginAsync(Action<IServiceCollection> register)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        register(builder.Services);
        var node = new Node(builder.Build());
        var started = node.host.StartAsync(Cancel);
        var listener = node.host.Services.GetServices<IHostedService>().OfType<HttpListener>().Single();
        await Waiting.UntilAsync(() => Task.FromResult(listener.ListeningOn is not null));
        node.EndPoint = listener.ListeningOn!;
        return (node, started);
    }

    public async Task<(HttpStatusCode Status, string Text)> GetAsync(string path)
    {
        using var answer = await client.GetAsync(Url(path), Cancel);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path) => client.SendAsync(new HttpRequestMessage(method, Url(path)), Cancel);

    public Uri Url(string path) => new($"http://{EndPoint}{path}");

    public async Task StopAsync()
    {
        if (!isStopped)
        {
            isStopped = true;
            await host.StopAsync(CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        client.Dispose();
        await ((IAsyncDisposable)host).DisposeAsync();
    }
}
