using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.DependencyInjection;
using Stolon.Aspire.Tests.Model;
using Stolon.Tests;

namespace Stolon.Aspire.Tests.Running;

/// <summary>
/// The members of an application as real processes, started with exactly the arguments and variables that the orchestrator would give them. What needs the
/// orchestrator itself (its dashboard, its restarts) is not here.
/// </summary>
internal sealed class RunningApp : IAsyncDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, Process> processes = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> said = new();

    private readonly IResourceBuilder<StolonClusterResource>[] clusters;

    private RunningApp(DistributedApplication app, IResourceBuilder<StolonClusterResource>[] clusters) => (App, this.clusters) = (app, clusters);

    public DistributedApplication App { get; }

    public ResourceNotificationService Notifications => App.Services.GetRequiredService<ResourceNotificationService>();

    /// <summary>What the members said, for when something fails.</summary>
    public string Said => string.Join('\n', said);

    /// <summary>Starts everything.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="clusters">Its clusters.</param>
    /// <returns>The application; its members come up.</returns>
    public static async Task<RunningApp> StartAsync(IDistributedApplicationBuilder builder, params IResourceBuilder<StolonClusterResource>[] clusters)
    {
        builder.Place(FreePort.Next);
        var running = new RunningApp(builder.Build(), clusters);
        foreach (var member in clusters.SelectMany(cluster => cluster.Resource.Members))
        {
            await running.StartAsync(member);
        }

        var services = running.App.Services;
        foreach (var cluster in clusters)
        {
            var eventing = services.GetRequiredService<IDistributedApplicationEventing>();
            await eventing.PublishAsync(new InitializeResourceEvent(
                cluster.Resource, eventing, services.GetRequiredService<ResourceLoggerService>(), running.Notifications, services));
        }

        return running;
    }

    /// <summary>Starts a member, again if it was stopped.</summary>
    /// <param name="member">The member.</param>
    public async Task StartAsync(IStolonMember member)
    {
        var executable = (ExecutableResource)member;
        var start = new ProcessStartInfo(executable.Command, await member.GetArgumentValuesAsync())
        {
            WorkingDirectory = executable.WorkingDirectory,
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in await member.GetEnvironmentVariableValuesAsync())
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => said.Enqueue($"{member.Name}: {line.Data}");
        process.ErrorDataReceived += (_, line) => said.Enqueue($"{member.Name}: {line.Data}");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        processes[member.Name] = process;
    }

    /// <summary>What the built-in stop command does: SIGTERM, and waiting for the end.</summary>
    /// <param name="name">The member.</param>
    public async Task StopAsync(string name)
    {
        var process = processes[name];
        using (var kill = Process.Start("/bin/kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        using var limit = new CancellationTokenSource(StopLimit);
        await process.WaitForExitAsync(limit.Token);
    }

    /// <summary>Executes a command of the dashboard.</summary>
    /// <param name="resource">Of which resource.</param>
    /// <param name="name">Which.</param>
    /// <returns>Whether it succeeded.</returns>
    public async Task<ExecuteCommandResult> CommandAsync(IResource resource, string name) =>
        await App.Services.GetRequiredService<ResourceCommandService>().ExecuteCommandAsync(resource, name, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        // Keepers last: a primary would look for somebody to hand on to.
        foreach (var (name, process) in processes.OrderBy(one => one.Key.Contains("etcd", StringComparison.Ordinal)).Where(one => !one.Value.HasExited))
        {
            process.Refresh();
            await StopAsync(name).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }

            process.Dispose();
        }

        await App.DisposeAsync();
        foreach (var cluster in clusters)
        {
            cluster.Resource.Plan.PassingFolder?.Delete();
        }
    }
}
