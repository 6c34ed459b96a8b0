using System.Data.Common;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Stolon.Hosting.Client;

namespace Stolon.Integration.Hosting;

/// <summary>Data sources of an application, as it registers and finds them.</summary>
public sealed class DataSourceRegistrationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void The_default_source_leads_to_the_primary_and_the_one_for_reads_has_a_known_key()
    {
        var builder = Configured(("ConnectionStrings:orders", "Host=h0,h1"));
        builder.AddStolonDataSource("orders");
        using var host = builder.Build();

        var primary = host.Services.GetRequiredService<NpgsqlDataSource>();
        var standby = host.Services.GetRequiredKeyedService<NpgsqlDataSource>(StolonDataSources.Standby);

        standby.Should().NotBeSameAs(primary);
        host.Services.GetRequiredService<NpgsqlDataSource>().Should().BeSameAs(primary);
        host.Services.GetRequiredService<DbDataSource>().Should().BeSameAs(primary);
        host.Services.GetRequiredService<NpgsqlConnection>().ConnectionString.Should().Contain("h0,h1");
        host.Services.GetRequiredKeyedService<DbDataSource>(":standby").Should().BeSameAs(standby);
        host.Services.GetRequiredKeyedService<DbConnection>(":standby").Should().BeOfType<NpgsqlConnection>();
    }

    [Fact]
    public void Sources_with_keys_and_the_default_one_stand_beside_each_other_even_with_one_name()
    {
        var builder = Configured(("ConnectionStrings:orders", "Host=h0,h1"), ("ConnectionStrings:users", "Host=u0"));
        builder.AddStolonDataSource("orders");
        builder.AddKeyedStolonDataSource("orders");
        builder.AddKeyedStolonDataSource("users");
        using var host = builder.Build();

        NpgsqlDataSource[] found =
        [
            host.Services.GetRequiredService<NpgsqlDataSource>(),
            host.Services.GetRequiredKeyedService<NpgsqlDataSource>(StolonDataSources.Standby),
            host.Services.GetRequiredKeyedService<NpgsqlDataSource>("orders"),
            host.Services.GetRequiredKeyedService<NpgsqlDataSource>("orders:standby"),
            host.Services.GetRequiredKeyedService<NpgsqlDataSource>("users"),
        ];

        found.Should().OnlyHaveUniqueItems();
        found[4].ConnectionString.Should().Contain("u0").And.NotContain("h0");
        found[..4].Should().AllSatisfy(source => source.ConnectionString.Should().Contain("h0,h1"));
        Checks(host).Should().Equal("Stolon.Client", "Stolon.Client_orders", "Stolon.Client_users");
    }

    [Fact]
    public void With_one_host_both_sources_are_the_same()
    {
        var builder = Configured(("ConnectionStrings:orders", "Host=h0;Target Session Attributes=primary"));
        builder.AddKeyedStolonDataSource("orders");
        using var host = builder.Build();

        host.Services.GetRequiredKeyedService<NpgsqlDataSource>(StolonDataSources.StandbyOf("orders"))
            .Should().BeSameAs(host.Services.GetRequiredKeyedService<NpgsqlDataSource>("orders"));
    }

    [Fact]
    public void A_second_call_for_the_same_name_changes_nothing()
    {
        var builder = Configured(("ConnectionStrings:orders", "Host=h0"), ("ConnectionStrings:users", "Host=u0"));
        builder.AddStolonDataSource("orders");
        builder.AddKeyedStolonDataSource("users");
        var once = builder.Services.Count;

        builder.AddStolonDataSource("orders", settings => settings.ConnectionString = "Host=other");
        builder.AddKeyedStolonDataSource("users");

        builder.Services.Should().HaveCount(once);
        using var host = builder.Build();
        Checks(host).Should().Equal("Stolon.Client", "Stolon.Client_users");
        host.Services.GetRequiredService<NpgsqlDataSource>().ConnectionString.Should().Contain("h0");
    }

    [Fact]
    public void There_is_one_default_source_and_a_call_for_another_name_says_what_to_call()
    {
        var builder = Configured();
        builder.AddStolonDataSource("orders");

        builder.Invoking(other => other.AddStolonDataSource("users"))
            .Should().Throw<InvalidOperationException>().WithMessage("*\"orders\"*\"users\"*AddKeyedStolonDataSource*");
    }

    [Fact]
    public void Settings_of_all_yield_to_those_of_one_these_to_its_connection_string_and_everything_to_code()
    {
        var builder = Configured(
            ("Stolon:Client:ConnectionString", "Host=all"),
            ("Stolon:Client:DisableTracing", "true"),
            ("Stolon:Client:HealthCheckTimeout", "00:00:03"),
            ("Stolon:Client:b:ConnectionString", "Host=b-section"),
            ("Stolon:Client:b:HealthCheckTimeout", "00:00:04"),
            ("Stolon:Client:c:ConnectionString", "Host=c-section"),
            ("ConnectionStrings:c", "Host=c-strings"),
            ("ConnectionStrings:d", "Host=d-strings"));
        var seen = new Dictionary<string, StolonDataSourceSettings>(StringComparer.Ordinal);
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            builder.AddKeyedStolonDataSource(name, settings => seen[name] = settings);
        }

        builder.AddKeyedStolonDataSource("e", settings => (settings.ConnectionString, settings.DisableTracing) = ("Host=code", false));
        using var host = builder.Build();

        seen.Values.Select(settings => settings.ConnectionString).Should().Equal("Host=all", "Host=b-section", "Host=c-strings", "Host=d-strings");
        seen.Values.Select(settings => settings.HealthCheckTimeout.TotalSeconds).Should().Equal(3, 4, 3, 3);
        seen.Values.Should().AllSatisfy(settings => settings.DisableTracing.Should().BeTrue());
        host.Services.GetRequiredKeyedService<NpgsqlDataSource>("e").ConnectionString.Should().Contain("code");
        host.Services.GetService<TracerProvider>().Should().NotBeNull("code has switched the traces of one on");
    }

    [Fact]
    public void What_code_sets_on_the_builder_of_Npgsql_is_not_replaced_by_a_default()
    {
        var builder = Configured(("ConnectionStrings:orders", "Host=h0"));
        builder.AddStolonDataSource("orders", configureDataSourceBuilder: source =>
        {
            source.ConnectionStringBuilder.Host = "h0,h1";
            source.ConnectionStringBuilder.Timeout = 15;
            source.ConnectionStringBuilder.TargetSessionAttributes = "standby";
        });
        using var host = builder.Build();

        var settings = new NpgsqlConnectionStringBuilder(host.Services.GetRequiredService<NpgsqlDataSource>().ConnectionString);

        (settings.Host, settings.Timeout, settings.LoadBalanceHosts).Should().Be(("h0,h1", 15, true));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task A_missing_connection_string_is_told_with_both_places_when_the_source_is_asked_for(string? given)
    {
        var builder = Configured(("ConnectionStrings:orders", given));
        builder.AddStolonDataSource("orders");
        builder.AddKeyedStolonDataSource("orders");
        using var host = builder.Build();

        foreach (var key in new[] { null, "orders", "orders:standby" })
        {
            host.Services
                .Invoking(services => key is null ? services.GetRequiredService<NpgsqlDataSource>() : services.GetRequiredKeyedService<NpgsqlDataSource>(key))
                .Should().Throw<InvalidOperationException>().WithMessage("*ConnectionStrings:orders*Stolon:Client:orders:ConnectionString*");
        }

        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancel);
        report.Entries.Should().HaveCount(2).And.AllSatisfy(entry => entry.Value.Description.Should().Contain("ConnectionStrings:orders"));
        report.Status.Should().Be(HealthStatus.Unhealthy);
    }

    [Fact]
    [Trait("Rule", "S11")]
    public void A_connection_string_that_is_not_understood_is_told_without_its_text()
    {
        var builder = Configured(("ConnectionStrings:orders", "Host=h0;Password=abc;s3cret"));
        builder.AddStolonDataSource("orders");
        using var host = builder.Build();

        var told = host.Services.Invoking(services => services.GetRequiredService<NpgsqlDataSource>())
            .Should().Throw<InvalidOperationException>().Which.ToString();

        told.Should().Contain("\"orders\"").And.NotContain("abc").And.NotContain("s3cret");
    }

    [Theory]
    [Trait("Rule", "S10")]
    [InlineData("Stolon:Client:DisableTracng", "true", "*Stolon:Client: DisableTracng: there is no such setting*DisableTracing*")]
    [InlineData("Stolon:Client:orders:Timeout", "3", "*Stolon:Client:orders: Timeout: there is no such setting*")]
    [InlineData("Stolon:Client:DisableTracing", "perhaps", "*perhaps*Stolon:Client:DisableTracing*")]
    [InlineData("Stolon:Client:orders:HealthCheckTimeout", "00:00:00", "*Stolon:Client:orders: HealthCheckTimeout: 00:00:00 is out of range*")]
    public void A_wrong_setting_is_named_at_once(string key, string value, string message)
    {
        var builder = Configured((key, value), ("Stolon:Client:users:DisableMetrics", "true"));

        builder.Invoking(wrong => wrong.AddStolonDataSource("orders")).Should().Throw<InvalidOperationException>().WithMessage(message);
    }

    [Fact]
    public void Health_check_traces_and_metrics_are_there_unless_switched_off()
    {
        using var with = Built(_ => { });
        using var without = Built(settings => settings.DisableHealthChecks = settings.DisableTracing = settings.DisableMetrics = true);
        using var tracing = Built(settings => settings.DisableHealthChecks = settings.DisableMetrics = true);

        Parts(with).Should().Be((1, true, true));
        Parts(without).Should().Be((0, false, false));
        Parts(tracing).Should().Be((0, true, false));

        static IHost Built(Action<StolonDataSourceSettings> configure)
        {
            var builder = Configured(("ConnectionStrings:orders", "Host=h0"));
            builder.AddStolonDataSource("orders", configure);
            return builder.Build();
        }

        static (int Checks, bool Traces, bool Metrics) Parts(IHost host) => (
            Checks(host).Length, host.Services.GetService<TracerProvider>() is not null, host.Services.GetService<MeterProvider>() is not null);
    }

    private static string[] Checks(IHost host) =>
        [.. host.Services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations.Select(check => check.Name)];

    private static HostApplicationBuilder Configured(params (string Key, string? Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)));
        return builder;
    }
}
