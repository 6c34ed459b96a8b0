using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Gives commands to resources.</summary>
public partial class ResourceCommandService
{
    private readonly DistributedApplicationModel model;
    private readonly ResourceLoggerService loggers;
    private readonly IServiceProvider services;

    internal ResourceCommandService(DistributedApplicationModel model, ResourceLoggerService loggers, IServiceProvider services)
    {
        this.model = model;
        this.loggers = loggers;
        this.services = services;
    }

    public Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string commandName, CancellationToken cancellationToken = default) =>
        model.Resources.FirstOrDefault(known => ModelName.Same(known.Name, resourceId)) is { } resource
            ? ExecuteCommandAsync(resource, commandName, cancellationToken)
            : Task.FromResult(CommandResults.Failure($"There is no resource '{resourceId}'."));

    /// <returns>Failure also when the resource has no such command, or the command threw.</returns>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(IResource resource, string commandName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);

        var command = resource.Annotations.OfType<ResourceCommandAnnotation>()
            .SingleOrDefault(known => string.Equals(known.Name, commandName, StringComparison.Ordinal));
        if (command is null)
        {
            return CommandResults.Failure($"Resource '{resource.Name}' has no command '{commandName}'.");
        }

        var logger = loggers.GetLogger(resource);
        try
        {
            var context = new ExecuteCommandContext(services, resource.Name, logger, cancellationToken);
            return await command.ExecuteCommand(context).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return CommandResults.Canceled();
        }
        catch (Exception exception)
        {
            LogFailure(logger, exception, commandName);
            return CommandResults.Failure(exception);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "Command {Command} failed")]
    private static partial void LogFailure(ILogger logger, Exception exception, string command);
}
