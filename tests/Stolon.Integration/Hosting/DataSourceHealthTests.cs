using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Stolon.Tests;

namespace Stolon.Integration.Hosting;

/// <summary>The health check of a data source whose hosts refuse, or say nothing.</summary>
public sealed class DataSourceHealthTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(4);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_health_check_fails_when_nothing_listens()
    {
        var ports = FreePort.Next(2);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["ConnectionStrings:orders"] = $"Host=127.0.0.1:{ports[0]},127.0.0.1:{ports[1]};Username=app";
        builder.Configuration["ConnectionStrings:users"] = $"Host=127.0.0.1:{ports[0]};Username=app";
        builder.AddStolonDataSource("orders");
        builder.AddKeyedStolonDataSource("users");
        using var host = builder.Build();

        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancel);

        report.Entries.Should().HaveCount(2).And.AllSatisfy(entry => entry.Value.Exception.Should().BeOfType<NpgsqlException>());
        report.Status.Should().Be(HealthStatus.Unhealthy);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_health_check_fails_when_its_time_is_over(int hosts)
    {
        using var silent = new SilentServer();
        using var host = Asking(silent, hosts, TimeSpan.FromMilliseconds(200));

        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancel);

        report.Entries["Stolon.Client"].Status.Should().Be(HealthStatus.Unhealthy);
        report.TotalDuration.Should().BeLessThan(Soon, "Npgsql alone would have waited for 5 s for each of two, and for 15 s for one");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_health_check_ends_when_it_is_cancelled(int hosts)
    {
        using var silent = new SilentServer();
        using var host = Asking(silent, hosts, TimeSpan.FromMinutes(1));
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        var check = host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(cancelled.Token);
        using var client = await silent.AcceptAsync(Cancel);
        await cancelled.CancelAsync();

        await check.WaitAsync(Soon, Cancel).Invoking(running => running).Should().ThrowAsync<OperationCanceledException>();
    }

    private static IHost Asking(SilentServer silent, int hosts, TimeSpan limit)
    {
        var named = string.Join(',', Enumerable.Repeat($"127.0.0.1:{silent.Port}", hosts));
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["ConnectionStrings:orders"] = $"Host={named};Username=app";
        builder.AddStolonDataSource("orders", settings => settings.HealthCheckTimeout = limit);
        return builder.Build();
    }

    /// <summary>Accepts connections, and says nothing.</summary>
    private sealed class SilentServer : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);

        public SilentServer() => listener.Start();

        public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

        public ValueTask<TcpClient> AcceptAsync(CancellationToken cancellationToken) => listener.AcceptTcpClientAsync(cancellationToken);

        public void Dispose() => listener.Dispose();
    }
}
