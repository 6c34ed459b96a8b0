using Microsoft.Extensions.Logging;
using Npgsql;

namespace Stolon.Aspire.Running;

/// <summary>Creates databases that are not there.</summary>
internal static partial class DatabaseCreation
{
    /// <summary>Creates a database; nothing happens when it is there.</summary>
    /// <param name="connectionText">To the cluster's primary.</param>
    /// <param name="database">The database's name.</param>
    /// <param name="script">What creates it; null = <c>CREATE DATABASE</c> with the name.</param>
    /// <param name="logger">Is told what became of it.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>When it is there, or cannot be created; its health check says so then.</returns>
    public static async Task RunAsync(string connectionText, string database, string? script, ILogger logger, CancellationToken cancellationToken)
    {
        var source = NpgsqlDataSource.Create(connectionText);
        await using var end = source.ConfigureAwait(false);
        var command = source.CreateCommand(script ?? Statement(database));
        await using var endOfCommand = command.ConfigureAwait(false);
        try
        {
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            LogCreated(logger, database);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.DuplicateDatabase)
        {
            LogThere(logger, database);
        }
        catch (NpgsqlException exception)
        {
            LogNotCreated(logger, exception, database);
        }
    }

    /// <summary>The statement that creates a database.</summary>
    /// <param name="database">Its name, whatever characters it has.</param>
    /// <returns>SQL.</returns>
    public static string Statement(string database) => $"CREATE DATABASE \"{database.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    [LoggerMessage(9010, LogLevel.Information, "Database {Database} was created.")]
    private static partial void LogCreated(ILogger logger, string database);

    [LoggerMessage(9011, LogLevel.Debug, "Database {Database} is there already.")]
    private static partial void LogThere(ILogger logger, string database);

    [LoggerMessage(9012, LogLevel.Error, "Database {Database} could not be created.")]
    private static partial void LogNotCreated(ILogger logger, Exception exception, string database);
}
