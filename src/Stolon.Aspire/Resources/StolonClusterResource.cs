using Stolon.Aspire;
using Stolon.Aspire.Running;
using Stolon.Aspire.Topology;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// A PostgreSQL cluster that stolon keeps available: etcd, keepers with PostgreSQL, sentinels and proxies. Its connection string leads to whichever
/// instance is primary.
/// </summary>
public class StolonClusterResource : Resource, IResourceWithConnectionString, IResourceWithWaitSupport
{
    internal const string PostgresEndpointName = "pg";
    internal const string MetricsEndpointName = "metrics";
    internal const string ClientEndpointName = "client";
    internal const string PeerEndpointName = "peer";
    internal const string DefaultUserName = "postgres";

    private readonly List<IResource> children = [];
    private readonly Dictionary<string, string> databases = new(StringComparer.OrdinalIgnoreCase);

    internal StolonClusterResource(string name, ParameterResource? userName, ParameterResource password, ParameterResource replicationPassword, ClusterPlan plan)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(password);
        ArgumentNullException.ThrowIfNull(replicationPassword);
        (UserNameParameter, PasswordParameter, ReplicationPasswordParameter, Plan) = (userName, password, replicationPassword, plan);
    }

    /// <summary>The superuser's name; null = <c>postgres</c>.</summary>
    public ParameterResource? UserNameParameter { get; internal set; }

    /// <summary>The superuser's password.</summary>
    public ParameterResource PasswordParameter { get; internal set; }

    /// <summary>The password with which standbys replicate.</summary>
    public ParameterResource ReplicationPasswordParameter { get; internal set; }

    /// <summary>All members: etcd's nodes, keepers, sentinels and proxies, each kind by number.</summary>
    public IReadOnlyList<IStolonMember> Members => [.. Roster.All];

    /// <summary>The databases that are created when the cluster is ready: the resource's name and the database's.</summary>
    public IReadOnlyDictionary<string, string> Databases => databases;

    /// <summary>Where the first proxy lets clients in.</summary>
    /// <exception cref="InvalidOperationException">The cluster is published as a connection string: it has no members.</exception>
    public EndpointReference PrimaryEndpoint => IsElsewhere
        ? throw new InvalidOperationException($"Cluster '{Name}' is published as a connection string: it has no endpoint.")
        : new(Roster.Of(StolonMemberRole.Proxy)[0], PostgresEndpointName);

    /// <summary>The superuser's name.</summary>
    public ReferenceExpression UserNameReference => UserNameParameter is null
        ? ReferenceExpression.Create($"{DefaultUserName}")
        : ReferenceExpression.Create($"{UserNameParameter}");

    /// <summary>For Npgsql: all proxies are in it, so that one may be away.</summary>
    public ReferenceExpression ConnectionStringExpression =>
        this.TryGetLastAnnotation<ConnectionStringRedirectAnnotation>(out var redirect)
            ? redirect.Resource.ConnectionStringExpression
            : ConnectionText.ToProxies(this);

    /// <summary>As a URI: <c>postgresql://user:password@host:port</c>; of several proxies all are in it, as libpq understands.</summary>
    public ReferenceExpression UriExpression => ConnectionText.Uri(this, database: null);

    /// <summary>For JDBC, without user and password; of several proxies all are in it.</summary>
    public ReferenceExpression JdbcConnectionString => ConnectionText.Jdbc(this, database: null);

    /// <summary>It has no members here: only a connection string is known of it.</summary>
    internal bool IsElsewhere => Annotations.OfType<ConnectionStringRedirectAnnotation>().Any();

    internal ClusterShape Shape { get; } = new();

    internal Roster Roster { get; } = new();

    internal ClusterPlan Plan { get; }

    internal ClusterAccess Access => field ??= new ClusterAccess(this);

    /// <summary>The port of this machine at which the first proxy lets clients in; null = any.</summary>
    internal int? HostPort { get; set; }

    /// <summary>An etcd that is not of this cluster; null = it has its own, or a file.</summary>
    internal EndpointReference? ForeignStore { get; set; }

    /// <summary>Where etcd lets clients in; none = the store is a file.</summary>
    internal IReadOnlyList<EndpointReference> StoreEndpoints => ForeignStore is { } foreign ? [foreign]
        : [.. Roster.Of(StolonMemberRole.Store).Select(node => new EndpointReference(node, ClientEndpointName))];

    /// <summary>The store where it is a file.</summary>
    internal string StoreFile => Path.Combine(Plan.Folder, "store", "store.db");

    /// <summary>Databases and ways to the standbys.</summary>
    internal IEnumerable<IResource> Children => children;

    internal void AddDatabase(StolonDatabaseResource database)
    {
        databases.Add(database.Name, database.DatabaseName);
        children.Add(database);
    }

    internal void AddReplicas(StolonReplicaResource replicas) => children.Add(replicas);

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() => IsElsewhere ? [] :
    [
        new("Host", ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.Host)}")),
        new("Port", ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.Port)}")),
        new("Username", UserNameReference),
        new("Password", ReferenceExpression.Create($"{PasswordParameter}")),
        new("Uri", UriExpression),
        new("JdbcConnectionString", JdbcConnectionString),
    ];
}
