namespace Aspire.Hosting.ApplicationModel;

public enum ResourceCommandState
{
    Enabled,
    Disabled,
}

/// <summary>How the dashboard, which the contract has not, shows a command.</summary>
public class CommandOptions
{
    public string? Description { get; set; }

    public string? ConfirmationMessage { get; set; }

    public string? IconName { get; set; }

    public bool IsHighlighted { get; set; }

    public Func<UpdateCommandStateContext, ResourceCommandState>? UpdateState { get; set; }
}

public sealed class UpdateCommandStateContext
{
    public required CustomResourceSnapshot ResourceSnapshot { get; init; }
}

/// <summary>Given to a command by <see cref="ResourceCommandService"/>.</summary>
public sealed class ExecuteCommandContext
{
    internal ExecuteCommandContext(CancellationToken cancellationToken) => CancellationToken = cancellationToken;

    public CancellationToken CancellationToken { get; }
}

public enum CommandResultFormat
{
    Text,
}

/// <summary>What a command found out.</summary>
public sealed class CommandResultData
{
    public required string Value { get; init; }
}

public sealed class ExecuteCommandResult
{
    public required bool Success { get; init; }

    public bool Canceled { get; init; }

    public string? Message { get; init; }

    public CommandResultData? Data { get; init; }
}

public static class CommandResults
{
    public static ExecuteCommandResult Success(string message) => new() { Success = true, Message = message };

    public static ExecuteCommandResult Success(string message, string result, CommandResultFormat resultFormat, bool displayImmediately) =>
        new() { Success = true, Message = message, Data = new CommandResultData { Value = result } };

    public static ExecuteCommandResult Failure(string? errorMessage = null) => new() { Success = false, Message = errorMessage };

    public static ExecuteCommandResult Canceled() => new() { Success = false, Canceled = true };
}

public sealed class ResourceCommandAnnotation : IResourceAnnotation
{
    internal ResourceCommandAnnotation(string name, Func<ExecuteCommandContext, Task<ExecuteCommandResult>> executeCommand) =>
        (Name, ExecuteCommand) = (name, executeCommand);

    public string Name { get; }

    internal Func<ExecuteCommandContext, Task<ExecuteCommandResult>> ExecuteCommand { get; }
}

/// <summary>Gives commands to resources.</summary>
public class ResourceCommandService
{
    internal ResourceCommandService()
    {
    }

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

        try
        {
            return await command.ExecuteCommand(new ExecuteCommandContext(cancellationToken)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return CommandResults.Canceled();
        }
        catch (Exception exception)
        {
            return CommandResults.Failure(exception.Message);
        }
    }
}
