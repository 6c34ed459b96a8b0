namespace Aspire.Hosting.ApplicationModel;

/// <summary>Who asks for a value.</summary>
public class ValueProviderContext
{
    public IResource? Caller { get; init; }

    internal NetworkIdentifier Network => Caller is not null && Caller.TryGetLastAnnotation<ContainerImageAnnotation>(out _)
        ? KnownNetworkIdentifiers.DefaultAspireContainerNetwork
        : KnownNetworkIdentifiers.LocalhostNetwork;
}

/// <summary>Has a value when the application runs.</summary>
public interface IValueProvider
{
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);

    ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default) => GetValueAsync(cancellationToken);
}

/// <summary>Has an expression when the application is published.</summary>
public interface IManifestExpressionProvider
{
    string ValueExpression { get; }
}

public interface IExpressionValue : IValueProvider, IManifestExpressionProvider;
