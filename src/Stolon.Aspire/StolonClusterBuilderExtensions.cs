using Aspire.Hosting.ApplicationModel;
using Stolon.Aspire;
using Stolon.Aspire.Programs;
using Stolon.Aspire.Running;
using Stolon.Aspire.Topology;

namespace Aspire.Hosting;

/// <summary>Adds PostgreSQL clusters that stolon keeps available to an application.</summary>
public static class StolonClusterBuilderExtensions
{
    /// <summary>
    /// Adds a PostgreSQL cluster: one etcd, two keepers with a PostgreSQL each, a sentinel and a proxy, unless more are asked for. While the AppHost runs the
    /// members are processes where the <c>stolon</c> program and PostgreSQL are on this machine, and containers otherwise; published they are containers.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name, and the cluster's.</param>
    /// <param name="userName">The superuser's name; null = <c>postgres</c>.</param>
    /// <param name="password">The superuser's password; null = one is generated, and kept as other generated passwords are.</param>
    /// <param name="port">The port of this machine at which the first proxy lets clients in; null = any.</param>
    /// <param name="configure">Sets what has to be known now; null = the defaults.</param>
    /// <returns>The cluster.</returns>
    /// <exception cref="DistributedApplicationException">The name is taken, or processes were asked for and <c>stolon</c> is not on this machine.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number of members is not from 1 to 20.</exception>
    public static IResourceBuilder<StolonClusterResource> AddStolonCluster(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        IResourceBuilder<ParameterResource>? userName = null,
        IResourceBuilder<ParameterResource>? password = null,
        int? port = null,
        Action<StolonClusterOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var options = new StolonClusterOptions();
        configure?.Invoke(options);
        var plan = ClusterPlan.Make(
            options, builder.Configuration["Stolon:ExecutablePath"], builder.ExecutionContext.IsPublishMode, new LocalData(builder.AppHostDirectory, name), ProgramSearch.OfThisProcess);
        var resource = new StolonClusterResource(
            name,
            userName?.Resource,
            password?.Resource ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password"),
            ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-replication-password"),
            plan)
        {
            HostPort = port,
        };

        var cluster = StolonOperations.Add(builder, resource);
        if (plan.InContainers || plan.EtcdProgram is not null)
        {
            cluster.WithEtcd();
        }

        return cluster.WithSentinels(options.Sentinels).WithKeepers(options.Keepers).WithProxies(options.Proxies);
    }

    /// <summary>Says how many keepers there are: each has a PostgreSQL of its own, one of them the primary.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="count">How many, 1 to 20.</param>
    /// <param name="configure">Called with each keeper, also with those that were there; null = nothing is.</param>
    /// <returns>The cluster.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number is not from 1 to 20.</exception>
    public static IResourceBuilder<StolonClusterResource> WithKeepers(
        this IResourceBuilder<StolonClusterResource> builder, int count, Action<IResourceBuilder<IStolonMember>>? configure = null) =>
        Resize(builder, StolonMemberRole.Keeper, count, configure);

    /// <summary>Says how many sentinels there are: one of them decides, the others stand by.</summary>
    /// <inheritdoc cref="WithKeepers"/>
    /// <param name="builder">The cluster.</param>
    /// <param name="count">How many, 1 to 20.</param>
    /// <param name="configure">Called with each sentinel, also with those that were there; null = nothing is.</param>
    public static IResourceBuilder<StolonClusterResource> WithSentinels(
        this IResourceBuilder<StolonClusterResource> builder, int count, Action<IResourceBuilder<IStolonMember>>? configure = null) =>
        Resize(builder, StolonMemberRole.Sentinel, count, configure);

    /// <summary>Says how many proxies there are. Of several, all are in the connection string.</summary>
    /// <inheritdoc cref="WithKeepers"/>
    /// <param name="builder">The cluster.</param>
    /// <param name="count">How many, 1 to 20.</param>
    /// <param name="configure">Called with each proxy, also with those that were there; null = nothing is.</param>
    public static IResourceBuilder<StolonClusterResource> WithProxies(
        this IResourceBuilder<StolonClusterResource> builder, int count, Action<IResourceBuilder<IStolonMember>>? configure = null) =>
        Resize(builder, StolonMemberRole.Proxy, count, configure);

    /// <summary>Gives the cluster an etcd of its own.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="nodes">How many nodes: 1, or 3, of which one may fail.</param>
    /// <returns>The cluster.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number is neither 1 nor 3.</exception>
    /// <exception cref="DistributedApplicationException">Members are processes, and <c>etcd</c> is not on the PATH.</exception>
    public static IResourceBuilder<StolonClusterResource> WithEtcd(this IResourceBuilder<StolonClusterResource> builder, int nodes = 1)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (nodes is not (1 or 3))
        {
            throw new ArgumentOutOfRangeException(nameof(nodes), nodes, "An etcd of its own has 1 or 3 nodes: two survive no more failures than one.");
        }

        var plan = builder.Resource.Plan;
        if (!plan.InContainers && plan.EtcdProgram is null)
        {
            throw new DistributedApplicationException(
                $"The etcd program was not found on the PATH: install it (Debian: apt-get install etcd-server), or leave WithEtcd of cluster '{builder.Resource.Name}' out: the store is a file then.");
        }

        builder.Resource.ForeignStore = null;
        StolonMembers.Resize(builder, StolonMemberRole.Store, nodes, configure: null);
        StolonMembers.WaitForStore(builder);
        return builder;
    }

    /// <summary>Uses an etcd that is there already. Several clusters may share one.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="client">Where etcd lets clients in: an HTTP endpoint.</param>
    /// <returns>The cluster.</returns>
    public static IResourceBuilder<StolonClusterResource> WithStore(this IResourceBuilder<StolonClusterResource> builder, EndpointReference client)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(client);
        StolonMembers.Resize(builder, StolonMemberRole.Store, 0, configure: null);
        builder.Resource.ForeignStore = client;
        StolonMembers.WaitForStore(builder);
        return builder;
    }

    /// <summary>Chooses PostgreSQL's major version: the image's tag of containers, the folder of programs of processes.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="version">The version, from 13 to 18, for example <c>17</c>.</param>
    /// <returns>The cluster.</returns>
    /// <exception cref="ArgumentException">It is no such version.</exception>
    public static IResourceBuilder<StolonClusterResource> WithPostgresVersion(this IResourceBuilder<StolonClusterResource> builder, string version)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(version);
        builder.Resource.Plan.PostgresMajor = PostgresSearch.Major(version);
        StolonMembers.ApplyImage(builder);
        return builder;
    }

    /// <summary>The superuser's name.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="userName">The parameter.</param>
    /// <returns>The cluster.</returns>
    public static IResourceBuilder<StolonClusterResource> WithUserName(this IResourceBuilder<StolonClusterResource> builder, IResourceBuilder<ParameterResource> userName)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(userName);
        builder.Resource.UserNameParameter = userName.Resource;
        return builder;
    }

    /// <summary>The superuser's password.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="password">The parameter, a secret one.</param>
    /// <returns>The cluster.</returns>
    public static IResourceBuilder<StolonClusterResource> WithPassword(this IResourceBuilder<StolonClusterResource> builder, IResourceBuilder<ParameterResource> password)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(password);
        builder.Resource.PasswordParameter = password.Resource;
        return builder;
    }

    /// <summary>The password with which standbys replicate.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="password">The parameter, a secret one.</param>
    /// <returns>The cluster.</returns>
    public static IResourceBuilder<StolonClusterResource> WithReplicationPassword(this IResourceBuilder<StolonClusterResource> builder, IResourceBuilder<ParameterResource> password)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(password);
        builder.Resource.ReplicationPasswordParameter = password.Resource;
        return builder;
    }

    /// <summary>The port of this machine at which the first proxy lets clients in.</summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="port">The port; null = any.</param>
    /// <returns>The cluster.</returns>
    public static IResourceBuilder<StolonClusterResource> WithHostPort(this IResourceBuilder<StolonClusterResource> builder, int? port)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Resource.HostPort = port;
        foreach (var first in builder.Resource.Roster.Of(StolonMemberRole.Proxy).Take(1))
        {
            builder.ApplicationBuilder.CreateResourceBuilder(first).WithEndpoint(StolonClusterResource.PostgresEndpointName, endpoint => endpoint.Port = port);
        }

        return builder;
    }

    private static IResourceBuilder<StolonClusterResource> Resize(
        IResourceBuilder<StolonClusterResource> builder, StolonMemberRole role, int count, Action<IResourceBuilder<IStolonMember>>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, ClusterShape.MostMembers);
        StolonMembers.Resize(builder, role, count, configure);
        return builder;
    }
}
