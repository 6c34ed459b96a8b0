using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using QuickStart.Output;

namespace QuickStart.Roles;

/// <summary>All parts of the cluster in this process.</summary>
internal sealed class OneProcess : ITopology
{
    private readonly TaskCompletionSource<string> failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LineLog log;
    private readonly IHost host;
    private bool isStopping;

    /// <summary>Makes it; nothing runs yet.</summary>
    /// <param name="screen">Where warnings are shown.</param>
    /// <param name="folder">Where everything is kept.</param>
    /// <param name="roles">The parts.</param>
    public OneProcess(Screen screen, DataFolder folder, IEnumerable<RoleSpec> roles)
    {
        log = new LineLog(folder.LogFile("quickstart"), text => screen.Say($"! {text}"), TimeProvider.System);
        host = RoleHost.Build(folder, roles, log);
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() =>
        {
            if (!isStopping)
            {
                failed.TrySetResult($"A part of the cluster ended; {folder.LogFile("quickstart")} says why.");
            }
        });
    }

    /// <inheritdoc/>
    public IServiceProvider Services => host.Services;

    /// <inheritdoc/>
    public Task<string> Failed => failed.Task;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await host.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new QuickStartException(RoleHost.Explain(exception), exception);
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync()
    {
        isStopping = true;
        await host.StopAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }

        await log.DisposeAsync();
    }
}
