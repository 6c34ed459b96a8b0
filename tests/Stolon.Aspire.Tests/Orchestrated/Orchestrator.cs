using System.Reflection;
using System.Runtime.InteropServices;
using Aspire.Hosting;

namespace Stolon.Aspire.Tests.Orchestrated;

/// <summary>Aspire's own orchestrator, which starts and stops the resources of an AppHost. The contract has none; the real package finds one where an AppHost was restored.</summary>
public static class Orchestrator
{
    private const string PathVariable = "DcpPublisher__CliPath";

    /// <summary>Why tests that need it are left out.</summary>
    public const string Missing = "Aspire's orchestrator is not on this machine: restore samples/AspireAppHost/AppHost with the real package, or name it with DcpPublisher__CliPath.";

    /// <summary>Whether it is on this machine.</summary>
    public static bool IsThere => Program is not null;

    /// <summary>The program; null = it is not on this machine.</summary>
    private static string? Program { get; } =
        Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } named ? named : InPackages() is { } found && File.Exists(found) ? found : null;

    /// <summary>An AppHost that the orchestrator will run, without a dashboard.</summary>
    /// <returns>Its builder.</returns>
    public static IDistributedApplicationBuilder NewAppHost() => DistributedApplication.CreateBuilder(new DistributedApplicationOptions
    {
        DisableDashboard = true,
        // A dashboard has to be named although there is none. Whoever disposes of the application sees everything ended.
        Args = [$"--DcpPublisher:CliPath={Program}", "--DcpPublisher:DashboardPath=none", "--DcpPublisher:WaitForResourceCleanup=true"],
    });

    private static string? InPackages()
    {
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var version = typeof(DistributedApplication).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];
        return version is null ? null : Path.Combine(packages, $"aspire.hosting.orchestration.{RuntimeInformation.RuntimeIdentifier}", version, "tools", "dcp");
    }
}
