using Stolon.Aspire;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A database of a cluster. It is created when the cluster is ready.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="databaseName">The database's name.</param>
/// <param name="parent">The cluster.</param>
public class StolonDatabaseResource(string name, string databaseName, StolonClusterResource parent)
    : Resource(name), IResourceWithParent<StolonClusterResource>, IResourceWithConnectionString
{
    /// <summary>The cluster.</summary>
    public StolonClusterResource Parent { get; } = parent ?? throw new ArgumentNullException(nameof(parent));

    /// <summary>The database's name.</summary>
    public string DatabaseName { get; } = databaseName ?? throw new ArgumentNullException(nameof(databaseName));

    /// <summary>For Npgsql: the cluster's, with the database.</summary>
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{Parent};Database={DatabaseName}");

    /// <summary>As a URI: <c>postgresql://user:password@host:port/database</c>.</summary>
    public ReferenceExpression UriExpression => ConnectionText.Uri(Parent, DatabaseName);

    /// <summary>For JDBC, without user and password.</summary>
    public ReferenceExpression JdbcConnectionString => ConnectionText.Jdbc(Parent, DatabaseName);

    internal string? CreationScript { get; set; }

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() =>
        Parent.CombineProperties(
        [
            new("DatabaseName", ReferenceExpression.Create($"{DatabaseName}")),
            .. Parent.IsElsewhere ? [] : Addresses,
        ]);

    private KeyValuePair<string, ReferenceExpression>[] Addresses => [new("Uri", UriExpression), new("JdbcConnectionString", JdbcConnectionString)];
}
