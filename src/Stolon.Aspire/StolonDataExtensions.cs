using Aspire.Hosting.ApplicationModel;
using Stolon.Aspire;
using Stolon.Aspire.Topology;

namespace Aspire.Hosting;

/// <summary>What a cluster is made from, where its data is, and what is in it.</summary>
public static class StolonDataExtensions
{
    /// <summary>Commits wait for standbys: a failover loses nothing that was acknowledged.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="min">Below so many synchronous standbys writes block. Default 1; 0 = they never do.</param>
    /// <param name="max">The most synchronous standbys. Default 1.</param>
    /// <returns>The cluster.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative, or the least is more than the most.</exception>
    public static IResourceBuilder<StolonClusterResource> WithSynchronousReplication(this IResourceBuilder<StolonClusterResource> builder, int min = 1, int max = 1)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Resource.Shape.BeSynchronous(min, max);
        return builder;
    }

    /// <summary>Changes the specification that the cluster is made from. Of one that exists already nothing is changed.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="configure">Sets what shall differ from the defaults.</param>
    /// <returns>The cluster.</returns>
    public static IResourceBuilder<StolonClusterResource> WithClusterSpec(this IResourceBuilder<StolonClusterResource> builder, Action<StolonClusterSpec> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Resource.Shape.Change(configure);
        return builder;
    }

    /// <summary>Sets a parameter of PostgreSQL in the specification that the cluster is made from.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="name">The parameter, for example <c>max_connections</c>.</param>
    /// <param name="value">Its value, for example <c>200</c>.</param>
    /// <returns>The cluster.</returns>
    public static IResourceBuilder<StolonClusterResource> WithPgParameter(this IResourceBuilder<StolonClusterResource> builder, string name, string value)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(value);
        builder.Resource.Shape.SetParameter(name, value);
        return builder;
    }

    /// <summary>
    /// The data lasts: each keeper and each node of etcd has a volume of its own. As processes they have folders below the user's application data
    /// (as root: <c>/var/lib/stolon</c>). The passwords have to last too: generated ones do, in the user secrets of the AppHost.
    /// </summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="name">What the volumes' names begin with; null = they are generated.</param>
    /// <returns>The cluster.</returns>
    public static IResourceBuilder<StolonClusterResource> WithDataVolume(this IResourceBuilder<StolonClusterResource> builder, string? name = null) =>
        Place(builder, new DataPlace(name, Folder: null));

    /// <summary>The data lasts, in a folder of this machine: each keeper and each node of etcd has a folder in it.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="source">The folder, relative to the AppHost's.</param>
    /// <returns>The cluster.</returns>
    public static IResourceBuilder<StolonClusterResource> WithDataBindMount(this IResourceBuilder<StolonClusterResource> builder, string source)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(source);
        return Place(builder, new DataPlace(Volume: null, Path.GetFullPath(source, builder.ApplicationBuilder.AppHostDirectory)));
    }

    /// <summary>Adds a database. It is created when the cluster is ready; one that is there stays as it is.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="name">The resource's name, and that of the connection string.</param>
    /// <param name="databaseName">The database's name; null = the resource's.</param>
    /// <returns>The database.</returns>
    public static IResourceBuilder<StolonDatabaseResource> AddDatabase(
        this IResourceBuilder<StolonClusterResource> builder, [ResourceName] string name, string? databaseName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var database = new StolonDatabaseResource(name, databaseName ?? name, builder.Resource);
        var added = StolonOperations.AddChild(builder, database, "StolonDatabase");
        builder.Resource.AddDatabase(database);
        return added;
    }

    /// <summary>What creates the database, in place of <c>CREATE DATABASE</c> with its name.</summary>
    /// <param name="builder">The database.</param>
    /// <param name="script">One statement: PostgreSQL creates no database in a transaction.</param>
    /// <returns>The database.</returns>
    public static IResourceBuilder<StolonDatabaseResource> WithCreationScript(this IResourceBuilder<StolonDatabaseResource> builder, string script)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(script);
        builder.Resource.CreationScript = script;
        return builder;
    }

    /// <summary>Adds a connection string for reads: it leads to the standbys, in turn, and to the primary when there is none.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="name">The resource's name, and that of the connection string.</param>
    /// <param name="databaseName">The database; null = the superuser's.</param>
    /// <returns>The way to the standbys.</returns>
    public static IResourceBuilder<StolonReplicaResource> AddReadReplicas(
        this IResourceBuilder<StolonClusterResource> builder, [ResourceName] string name, string? databaseName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var replicas = new StolonReplicaResource(name, databaseName, builder.Resource);
        var added = StolonOperations.AddChild(builder, replicas, "StolonReplicas");
        builder.Resource.AddReplicas(replicas);
        return added;
    }

    /// <summary>
    /// Published, the cluster is somebody else's: its members are left out, and its connection string is the parameter <c>NAME-connection</c>, which whoever
    /// deploys the application fills in. While the AppHost runs nothing differs.
    /// </summary>
    /// <param name="builder">The cluster.</param>
    /// <returns>The cluster.</returns>
    public static IResourceBuilder<StolonClusterResource> PublishAsConnectionString(this IResourceBuilder<StolonClusterResource> builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.ApplicationBuilder.ExecutionContext.IsRunMode || builder.Resource.IsElsewhere)
        {
            return builder;
        }

        foreach (var role in Enum.GetValues<StolonMemberRole>())
        {
            StolonMembers.Resize(builder, role, 0, configure: null);
        }

        var connection = builder.ApplicationBuilder.AddConnectionString($"{builder.Resource.Name}-connection");
        builder.Resource.Annotations.Add(new ConnectionStringRedirectAnnotation(connection.Resource));
        return builder;
    }

    private static IResourceBuilder<StolonClusterResource> Place(IResourceBuilder<StolonClusterResource> builder, DataPlace place)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Resource.Plan.Data = place;
        StolonMembers.ApplyData(builder);
        return builder;
    }
}
