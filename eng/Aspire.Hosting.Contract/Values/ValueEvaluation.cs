namespace Aspire.Hosting.ApplicationModel;

/// <summary>An environment variable or an argument: as it was given, and what becomes of it.</summary>
internal readonly record struct EvaluatedValue(object? Given, string? Text);

/// <summary>Runs a resource's callbacks and resolves what they gave: to values in run mode, to expressions in publish mode.</summary>
internal static class ValueEvaluation
{
    public static async Task<IReadOnlyList<KeyValuePair<string, EvaluatedValue>>> EnvironmentAsync(
        IResource resource, DistributedApplicationExecutionContext execution, CancellationToken cancellationToken)
    {
        var context = new EnvironmentCallbackContext(execution, resource, cancellationToken: cancellationToken);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToList())
        {
            await annotation.Callback(context).ConfigureAwait(false);
        }

        var evaluated = new List<KeyValuePair<string, EvaluatedValue>>();
        foreach (var (name, given) in context.EnvironmentVariables)
        {
            evaluated.Add(new(name, await EvaluateAsync(given, resource, execution, cancellationToken).ConfigureAwait(false)));
        }

        return evaluated;
    }

    public static async Task<IReadOnlyList<EvaluatedValue>> ArgumentsAsync(
        IResource resource, DistributedApplicationExecutionContext execution, CancellationToken cancellationToken)
    {
        var context = new CommandLineArgsCallbackContext([], resource, cancellationToken) { ExecutionContext = execution };
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToList())
        {
            await annotation.Callback(context).ConfigureAwait(false);
        }

        var evaluated = new List<EvaluatedValue>();
        foreach (var given in context.Args)
        {
            evaluated.Add(await EvaluateAsync(given, resource, execution, cancellationToken).ConfigureAwait(false));
        }

        return evaluated;
    }

    private static async Task<EvaluatedValue> EvaluateAsync(
        object given, IResource caller, DistributedApplicationExecutionContext execution, CancellationToken cancellationToken)
    {
        var value = given is IResourceBuilder<IResource> builder ? builder.Resource : given;
        var text = value switch
        {
            string plain => plain,
            IManifestExpressionProvider expression when execution.IsPublishMode => expression.ValueExpression,
            IValueProvider provider => await provider
                .GetValueAsync(new ValueProviderContext { ExecutionContext = execution, Caller = caller }, cancellationToken).ConfigureAwait(false),
            bool flag => flag ? "true" : "false",
            null => null,
            _ => value.ToString(),
        };

        return new(value, text);
    }
}
