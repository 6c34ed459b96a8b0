using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Stolon.Hosting;
using Stolon.Hosting.Proxy;

namespace Stolon.Integration.Proxy;

/// <summary>A proxy's settings, and its numbers.</summary>
public sealed class ProxyOptionsTests
{
    [Fact]
    public void The_defaults_are_valid() => Mistakes(new ProxyOptions()).Should().BeEmpty();

    [Theory]
    [InlineData("*")]
    [InlineData("localhost")]
    [InlineData("::1")]
    [InlineData("0.0.0.0")]
    [InlineData("db1.example")]
    public void Addresses_of_this_machine_are_valid(string address) =>
        Mistakes(new ProxyOptions { ListenAddress = address }).Should().BeEmpty();

    [Fact]
    [Trait("Rule", "S10")]
    public void Every_mistake_is_named_at_once()
    {
        var mistakes = Mistakes(new ProxyOptions
        {
            ListenAddress = "every where",
            Port = 65536,
            MaxConnections = -1,
            ConnectTimeout = TimeSpan.Zero,
            ResolveTimeout = TimeSpan.FromHours(1),
            KeepAliveIdle = TimeSpan.Zero,
            KeepAliveInterval = TimeSpan.FromDays(1),
            KeepAliveCount = 0,
            UserTimeout = TimeSpan.FromDays(1),
            LivenessPort = -1,
            LivenessAddress = "*",
        });

        string[] fields =
        [
            "ListenAddress", "Port", "MaxConnections", "ConnectTimeout", "ResolveTimeout", "KeepAliveIdle", "KeepAliveInterval",
            "KeepAliveCount", "UserTimeout", "LivenessPort", "LivenessAddress",
        ];
        mistakes.Should().HaveCount(fields.Length);
        fields.Should().OnlyContain(field => mistakes.Any(mistake => mistake.Contains(field)));
    }

    [Fact]
    [Trait("Rule", "S10")]
    public void The_liveness_port_is_not_that_of_the_clients()
    {
        Mistakes(new ProxyOptions { LivenessPort = 5432 }).Should().ContainSingle().Which.Should().StartWith("LivenessPort: 5432 is the Port of the clients");
        Mistakes(new ProxyOptions { LivenessPort = 5433, LivenessAddress = "10.0.0.1" }).Should().BeEmpty();
    }

    [Fact]
    [Trait("Rule", "A6")]
    public async Task The_meter_counts_clients()
    {
        var counted = new Dictionary<string, long>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, all) =>
        {
            if (instrument.Meter.Name == ProxyMetrics.MeterName)
            {
                all.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            lock (counted)
            {
                if (tags.Contains(new("cluster_name", "counted")))
                {
                    counted[instrument.Name] = counted.GetValueOrDefault(instrument.Name) + value;
                }
            }
        });
        listener.Start();
        using var primary = new EchoServer();
        await using var proxy = await RunningProxy.ToAsync(primary, clusterName: "counted");

        using var client = await proxy.ConnectAsync();
        await client.EchoAsync("ping");
        proxy.Close(2);
        await client.EndAsync();

        await Eventually.TrueAsync(() => Counted("accepted") == 1 && Counted("cut") == 1, "one client accepted, and cut");

        long Counted(string what)
        {
            lock (counted)
            {
                return counted.GetValueOrDefault($"stolon.proxy.connections.{what}");
            }
        }
    }

    private static List<string> Mistakes(ProxyOptions options)
    {
        IValidateOptions<ProxyOptions>[] validators = [new ProxyOptionsValidator(), new ProxyOptionsRules()];
        return [.. validators.SelectMany(validator => validator.Validate(null, options).Failures ?? [])];
    }
}
