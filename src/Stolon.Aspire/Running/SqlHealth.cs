using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Stolon.Aspire.Running;

/// <summary>Healthy is what answers a query.</summary>
internal static class SqlHealth
{
    /// <summary>Asks.</summary>
    /// <param name="resource">Whose connection string leads there.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it answered, or why not.</returns>
    public static async Task<HealthCheckResult> CheckAsync(IResourceWithConnectionString resource, CancellationToken cancellationToken)
    {
        if (await resource.ConnectionStringExpression.GetValueAsync(cancellationToken).ConfigureAwait(false) is not { Length: > 0 } text)
        {
            return HealthCheckResult.Unhealthy("The connection string is not known yet.");
        }

        try
        {
            var source = NpgsqlDataSource.Create(text);
            await using var end = source.ConfigureAwait(false);
            var command = source.CreateCommand("SELECT 1");
            await using var endOfCommand = command.ConfigureAwait(false);
            await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
            return HealthCheckResult.Healthy();
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            return HealthCheckResult.Unhealthy("The database is not created yet.");
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy(exception.Message, exception);
        }
    }
}
