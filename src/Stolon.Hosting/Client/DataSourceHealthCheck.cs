using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Stolon.Hosting.Client;

/// <summary>Asks the primary for an answer.</summary>
/// <param name="source">Finds the data source when the check runs, so that one that cannot be made fails the check and nothing else.</param>
internal sealed class DataSourceHealthCheck(Func<NpgsqlDataSource> source) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var asking = AskAsync(source(), cancellationToken);
        try
        {
            // Npgsql ends a handshake that nobody answers after its own time-out only, whatever token it was given: it is left to that.
            await asking.WaitAsync(cancellationToken).ConfigureAwait(false);
            return HealthCheckResult.Healthy();
        }
        catch (NpgsqlException exception)
        {
            // With several hosts Npgsql reports its own exception also when it was told to end.
            cancellationToken.ThrowIfCancellationRequested();
            return new HealthCheckResult(context.Registration.FailureStatus, exception.Message, exception);
        }
        catch (OperationCanceledException)
        {
            Forget(asking);
            throw;
        }
    }

    private static async Task AskAsync(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var command = source.CreateCommand("SELECT 1");
        await using (command.ConfigureAwait(false))
        {
            await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Nobody waits for it any more: what it fails with is no news.</summary>
    private static void Forget(Task asking) => _ = asking.ContinueWith(
        ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
