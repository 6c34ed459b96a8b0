namespace Aspire.Hosting.ApplicationModel;

public interface IResourceWithConnectionString : IResource, IExpressionValue
{
    ReferenceExpression ConnectionStringExpression { get; }

    /// <summary>The variable that carries it; null is "ConnectionStrings__" and the name.</summary>
    string? ConnectionStringEnvironmentVariable => null;

    string IManifestExpressionProvider.ValueExpression => $"{{{Name}.connectionString}}";

    /// <summary>The parts of the connection string by name: Host, Port and so on.</summary>
    IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties() => [];

    ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken) => ConnectionStringExpression.GetValueAsync(cancellationToken);

    ValueTask<string?> IValueProvider.GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken) =>
        ConnectionStringExpression.GetValueAsync(context, cancellationToken);
}

/// <summary>The connection string of a resource, which must be there unless it is optional.</summary>
internal sealed class ConnectionStringReference(IResourceWithConnectionString resource, bool optional) : IExpressionValue
{
    public string ValueExpression => resource.ValueExpression;

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => GetValueAsync(new ValueProviderContext(), cancellationToken);

    public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken)
    {
        var value = await resource.GetValueAsync(context, cancellationToken).ConfigureAwait(false);
        return optional || !string.IsNullOrEmpty(value)
            ? value
            : throw new DistributedApplicationException($"Resource '{resource.Name}' has no connection string.");
    }
}

/// <summary>The resource's connection string is that of another.</summary>
public class ConnectionStringRedirectAnnotation(IResourceWithConnectionString resource) : IResourceAnnotation
{
    public IResourceWithConnectionString Resource { get; } = resource;
}
