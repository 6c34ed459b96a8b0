using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>An endpoint of a resource, by name.</summary>
public sealed class EndpointReference : IExpressionValue
{
    private readonly NetworkIdentifier? network;

    public EndpointReference(IResourceWithEndpoints owner, string endpointName, NetworkIdentifier? contextNetworkId = null)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(endpointName);

        (Resource, EndpointName, network) = (owner, endpointName, contextNetworkId);
    }

    public EndpointReference(IResourceWithEndpoints owner, string endpointName)
        : this(owner, endpointName, null)
    {
    }

    string IManifestExpressionProvider.ValueExpression => Property(EndpointProperty.Url).ValueExpression;

    internal IResourceWithEndpoints Resource { get; }

    internal string EndpointName { get; }

    internal EndpointAnnotation Annotation => Resource.Annotations.OfType<EndpointAnnotation>()
        .SingleOrDefault(endpoint => ModelName.Same(endpoint.Name, EndpointName))
        ?? throw new InvalidOperationException($"Resource '{Resource.Name}' has no endpoint '{EndpointName}'.");

    public EndpointReferenceExpression Property(EndpointProperty property) => new(this, property);

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
        Property(EndpointProperty.Url).GetValueAsync(cancellationToken);

    public ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default) =>
        Property(EndpointProperty.Url).GetValueAsync(context, cancellationToken);

    /// <summary>Waits until the endpoint is allocated where it is seen from.</summary>
    internal Task<AllocatedEndpoint> AllocatedAsync(ValueProviderContext context, CancellationToken cancellationToken) =>
        Annotation.AllAllocatedEndpoints.In(network ?? context.Network).WaitAsync(cancellationToken);
}

public enum EndpointProperty
{
    Url,
    Host,
    Port,
    TargetPort,
    HostAndPort,
}

/// <summary>One property of an endpoint.</summary>
public class EndpointReferenceExpression : IExpressionValue
{
    private readonly EndpointReference endpoint;
    private readonly EndpointProperty property;

    internal EndpointReferenceExpression(EndpointReference endpoint, EndpointProperty property) => (this.endpoint, this.property) = (endpoint, property);

    public string ValueExpression => property switch
    {
        EndpointProperty.Url => Binding("url"),
        EndpointProperty.Host => Binding("host"),
        EndpointProperty.Port => Binding("port"),
        EndpointProperty.TargetPort => Binding("targetPort"),
        _ => $"{Binding("host")}:{Binding("port")}",
    };

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
        GetValueAsync(new ValueProviderContext(), cancellationToken);

    public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (property == EndpointProperty.TargetPort && endpoint.Annotation.TargetPort is { } port)
        {
            return Text(port);
        }

        var allocated = await endpoint.AllocatedAsync(context, cancellationToken).ConfigureAwait(false);
        return property switch
        {
            EndpointProperty.Url => allocated.Url,
            EndpointProperty.Host => allocated.Address,
            EndpointProperty.Port => Text(allocated.Port),
            EndpointProperty.HostAndPort => allocated.HostAndPort,
            _ => allocated.TargetPortExpression
                ?? throw new InvalidOperationException($"Nobody has said what port endpoint '{endpoint.EndpointName}' listens on."),
        };
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    private string Binding(string name) => $"{{{endpoint.Resource.Name}.bindings.{endpoint.EndpointName}.{name}}}";
}
