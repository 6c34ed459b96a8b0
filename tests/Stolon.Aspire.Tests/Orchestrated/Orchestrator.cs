using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
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

    /// <summary>Why tests that need containers are left out.</summary>
    public const string MissingImages = "Aspire's orchestrator, a container runtime or the images of stolon (docker/Dockerfile) and etcd are not on this machine.";

    /// <summary>The program; null = it is not on this machine.</summary>
    private static string? Program { get; } =
        Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } named ? named : InPackages() is { } found && File.Exists(found) ? found : null;

    /// <summary>Whether it is on this machine.</summary>
    public static bool IsThere => Program is not null;

    /// <summary>Whether it can run members as containers; nothing is pulled.</summary>
    public static bool HasImages => Postgres is not null;

    /// <summary>The newest version of PostgreSQL that there is an image of stolon with; null = there is none, or something else is missing.</summary>
    public static string? Postgres { get; } = IsThere ? FindImages() : null;

    /// <summary>An AppHost that the orchestrator will run, without a dashboard.</summary>
    /// <returns>Its builder.</returns>
    public static IDistributedApplicationBuilder NewAppHost() => DistributedApplication.CreateBuilder(new DistributedApplicationOptions
    {
        DisableDashboard = true,
        // A dashboard has to be named although there is none. Whoever disposes of the application sees everything ended.
        Args = [$"--DcpPublisher:CliPath={Program}", "--DcpPublisher:DashboardPath=none", "--DcpPublisher:WaitForResourceCleanup=true"],
    });

    private static string? FindImages()
    {
        var runtime = Environment.GetEnvironmentVariable("ASPIRE_CONTAINER_RUNTIME") is { Length: > 0 } named ? named : "docker";
        try
        {
            // Of coreutils: a runtime whose daemon hangs would hold up all tests.
            using var images = Process.Start(new ProcessStartInfo("timeout", ["10", runtime, "images", "--format", "{{.Repository}}:{{.Tag}}"])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var names = images.StandardOutput.ReadToEnd().Split('\n');
            return !names.Contains($"{StolonContainerImageTags.EtcdRegistry}/{StolonContainerImageTags.EtcdImage}:{StolonContainerImageTags.EtcdTag}") ? null
                : Enumerable.Range(13, 6).Reverse()
                    .Where(version => names.Contains($"{StolonContainerImageTags.Registry}/{StolonContainerImageTags.Image}:{StolonContainerImageTags.Tag(version)}"))
                    .Select(version => version.ToString(CultureInfo.InvariantCulture)).FirstOrDefault();
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static string? InPackages()
    {
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var version = typeof(DistributedApplication).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];
        return version is null ? null : Path.Combine(packages, $"aspire.hosting.orchestration.{RuntimeInformation.RuntimeIdentifier}", version, "tools", "dcp");
    }
}
