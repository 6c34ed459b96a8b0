using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>A built application. It can be looked at, not started.</summary>
public class DistributedApplication : IAsyncDisposable
{
    private const string Inert = "The contract starts nothing: build with the real Aspire.Hosting package to run an application.";

    private readonly IHost host;

    internal DistributedApplication(IHost host) => this.host = host;

    public IServiceProvider Services => host.Services;

    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();

    public ResourceCommandService ResourceCommands => Services.GetRequiredService<ResourceCommandService>();

    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => new DistributedApplicationBuilder(args);

    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return CreateBuilder(options.Args ?? []);
    }

    public virtual Task StartAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException(Inert);

    public virtual Task StopAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException(Inert);

    public virtual Task RunAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException(Inert);

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ((IAsyncDisposable)host).DisposeAsync();
    }
}

public sealed class DistributedApplicationOptions
{
    public string[]? Args { get; set; }

    /// <summary>The contract never has one.</summary>
    public bool DisableDashboard { get; set; }
}

/// <summary>The model is wrong, or lacks a value.</summary>
public class DistributedApplicationException(string message) : Exception(message);

public enum DistributedApplicationOperation
{
    Run,
    Publish,
}

public class DistributedApplicationExecutionContext(DistributedApplicationOperation operation)
{
    public bool IsPublishMode => operation == DistributedApplicationOperation.Publish;

    public bool IsRunMode => operation == DistributedApplicationOperation.Run;
}
