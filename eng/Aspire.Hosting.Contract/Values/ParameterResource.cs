namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value from outside: from configuration, or generated.</summary>
public class ParameterResource : Resource, IExpressionValue
{
    private readonly Lazy<string> value;

    internal ParameterResource(string name, Func<string> value, bool secret)
        : base(name) => (this.value, Secret) = (new Lazy<string>(value), secret);

    public bool Secret { get; }

    public string ValueExpression => $"{{{Name}.value}}";

    /// <exception cref="DistributedApplicationException">Nothing gives the parameter a value.</exception>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => new(value.Value);
}

/// <summary>A connection string from configuration.</summary>
internal sealed class ConnectionStringParameterResource(string name, Func<string> value, string? environmentVariable)
    : ParameterResource(name, value, secret: true), IResourceWithConnectionString
{
    public string? ConnectionStringEnvironmentVariable => environmentVariable;

    string IManifestExpressionProvider.ValueExpression => $"{{{Name}.connectionString}}";

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{(ParameterResource)this}");
}
