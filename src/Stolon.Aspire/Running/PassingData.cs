using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Stolon.Aspire.Running;

/// <summary>
/// Deletes what ends with the AppHost. The orchestrator has told the members to stop when the AppHost ends, and does not wait for them: a PostgreSQL gets a
/// moment to end.
/// </summary>
internal sealed partial class PassingData(Topology.ClusterPlan plan, ILogger<PassingData> logger, TimeProvider time) : IHostedLifecycleService
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Rhythm = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (plan.PassingFolder is not { } folder)
        {
            return;
        }

        try
        {
            using var timer = new PeriodicTimer(Rhythm, time);
            var begun = time.GetTimestamp();
            while (folder.HasPostgres && time.GetElapsedTime(begun) < Limit && await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
            }
        }
        catch (OperationCanceledException)
        {
            // The AppHost has to end now.
        }

        try
        {
            folder.Delete();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotDeleted(logger, folder.Path, exception.Message);
        }
    }

    [LoggerMessage(9003, LogLevel.Information, "The data of this run in {Folder} could not be deleted ({Problem}): the next run deletes it.")]
    private static partial void LogNotDeleted(ILogger logger, string folder, string problem);
}
