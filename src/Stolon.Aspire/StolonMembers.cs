using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Stolon.Aspire.Programs;
using Stolon.Aspire.Running;
using Stolon.Aspire.Topology;

namespace Stolon.Aspire;

/// <summary>Adds members to the application, and takes them away.</summary>
internal static class StolonMembers
{
    /// <summary>Brings one kind of members to a number; those that stay are left alone.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="role">The kind.</param>
    /// <param name="count">How many there shall be.</param>
    /// <param name="configure">Called with each of them; null = nothing is.</param>
    public static void Resize(IResourceBuilder<StolonClusterResource> cluster, StolonMemberRole role, int count, Action<IResourceBuilder<IStolonMember>>? configure)
    {
        if (cluster.Resource.IsElsewhere)
        {
            return;
        }

        var (builder, roster) = (cluster.ApplicationBuilder, cluster.Resource.Roster);
        foreach (var surplus in roster.Of(role).Skip(count))
        {
            roster.Remove(surplus);
            builder.Resources.Remove(surplus);
        }

        for (var ordinal = roster.Of(role).Count; ordinal < count; ordinal++)
        {
            roster.Add(cluster.Resource.Plan.InContainers ? AddContainer(cluster, role, ordinal) : AddExecutable(cluster, role, ordinal));
        }

        foreach (var member in roster.Of(role))
        {
            configure?.Invoke(builder.CreateResourceBuilder(member));
        }
    }

    /// <summary>All members that need the store wait for the nodes that it has now, and for no others.</summary>
    /// <param name="cluster">The cluster.</param>
    public static void WaitForStore(IResourceBuilder<StolonClusterResource> cluster)
    {
        foreach (var member in cluster.Resource.Roster.All.Where(member => member.Role != StolonMemberRole.Store))
        {
            WaitForStore(cluster, cluster.ApplicationBuilder.CreateResourceBuilder(member));
        }
    }

    /// <summary>Gives containers the image of the chosen version.</summary>
    /// <param name="cluster">The cluster.</param>
    public static void ApplyImage(IResourceBuilder<StolonClusterResource> cluster)
    {
        foreach (var member in cluster.Resource.Roster.All.OfType<StolonContainerResource>().Where(member => member.Role != StolonMemberRole.Store))
        {
            ApplyImage(cluster.ApplicationBuilder.CreateResourceBuilder(member));
        }
    }

    /// <summary>Gives containers what their data lasts in.</summary>
    /// <param name="cluster">The cluster.</param>
    public static void ApplyData(IResourceBuilder<StolonClusterResource> cluster)
    {
        foreach (var member in cluster.Resource.Roster.All.OfType<StolonContainerResource>())
        {
            ApplyData(cluster.ApplicationBuilder.CreateResourceBuilder(member));
        }
    }

    private static IStolonMember AddExecutable(IResourceBuilder<StolonClusterResource> cluster, StolonMemberRole role, int ordinal)
    {
        var (resource, builder, plan) = (cluster.Resource, cluster.ApplicationBuilder, cluster.Resource.Plan);
        var name = MemberNames.Resource(resource.Name, role, ordinal);
        var (program, folder) = (plan.Start.Command, builder.AppHostDirectory);
        return role switch
        {
            StolonMemberRole.Keeper => Complete(cluster, builder.AddResource(new StolonKeeperExecutableResource(name, resource, ordinal, program, folder))),
            StolonMemberRole.Sentinel => Complete(cluster, builder.AddResource(new StolonSentinelExecutableResource(name, resource, ordinal, program, folder))),
            StolonMemberRole.Proxy => Complete(cluster, builder.AddResource(new StolonProxyExecutableResource(name, resource, ordinal, program, folder))),
            _ => Complete(cluster, builder.AddResource(new EtcdExecutableResource(name, resource, ordinal, plan.EtcdProgram!, folder))),
        };
    }

    private static StolonContainerResource AddContainer(IResourceBuilder<StolonClusterResource> cluster, StolonMemberRole role, int ordinal)
    {
        var (resource, builder) = (cluster.Resource, cluster.ApplicationBuilder);
        var name = MemberNames.Resource(resource.Name, role, ordinal);
        StolonContainerResource member = role switch
        {
            StolonMemberRole.Keeper => Complete(cluster, builder.AddResource(new StolonKeeperContainerResource(name, resource, ordinal))),
            StolonMemberRole.Sentinel => Complete(cluster, builder.AddResource(new StolonSentinelContainerResource(name, resource, ordinal))),
            StolonMemberRole.Proxy => Complete(cluster, builder.AddResource(new StolonProxyContainerResource(name, resource, ordinal))),
            _ => Complete(cluster, builder.AddResource(new EtcdContainerResource(name, resource, ordinal))),
        };
        ApplyImage(builder.CreateResourceBuilder(member));
        ApplyData(builder.CreateResourceBuilder(member));
        if (role == StolonMemberRole.Keeper && builder.ExecutionContext.IsRunMode)
        {
            ActAsOwner(builder.CreateResourceBuilder(member));
            builder.Eventing.Subscribe<BeforeResourceStartedEvent>(member, new PassingKeeper(member).StartingAsync);
        }

        return member;
    }

    /// <summary>A folder of this machine is the AppHost's user's, who may not be who the image runs as: PostgreSQL uses no data of somebody else.</summary>
    private static void ActAsOwner(IResourceBuilder<StolonContainerResource> keeper) =>
        keeper.WithContainerRuntimeArgs(context =>
        {
            if (keeper.Resource.Cluster.Plan.Data is { Folder: not null } && ThisUser.Numbers is { } user)
            {
                context.Args.Add("--user");
                context.Args.Add(user);
            }
        });

    private static void ApplyImage(IResourceBuilder<StolonContainerResource> member)
    {
        var plan = member.Resource.Cluster.Plan;
        if (member.Resource.Role == StolonMemberRole.Store)
        {
            member.WithImage(StolonContainerImageTags.EtcdImage, StolonContainerImageTags.EtcdTag).WithImageRegistry(StolonContainerImageTags.EtcdRegistry);
            return;
        }

        member.WithImage(plan.Options.Image, plan.Tag).WithImageRegistry(plan.Options.Registry);
        if (plan.Options.DockerContext is { } context)
        {
            member.WithDockerfile(context, Path.Combine("docker", "Dockerfile"))
                .WithBuildArg("POSTGRES_VERSION", (plan.PostgresMajor ?? StolonContainerImageTags.Postgres).ToString(CultureInfo.InvariantCulture));
        }
    }

    private static void ApplyData(IResourceBuilder<StolonContainerResource> member)
    {
        var target = member.Resource.Role switch
        {
            StolonMemberRole.Keeper => ContainerLayout.KeeperData,
            StolonMemberRole.Store => ContainerLayout.EtcdData,
            _ => null,
        };
        if (target is null || member.Resource.Cluster.Plan.Data is not { } place)
        {
            return;
        }

        Forget<ContainerMountAnnotation>(member.Resource, mount => mount.Target == target);
        if (place.Folder is { } folder)
        {
            member.WithBindMount(Path.Combine(folder, member.Resource.Name), target);
        }
        else
        {
            member.WithVolume(place.Volume is { } prefix ? $"{prefix}-{member.Resource.Name}" : VolumeNameGenerator.Generate(member, "data"), target);
        }
    }

    private static T Complete<T>(IResourceBuilder<StolonClusterResource> cluster, IResourceBuilder<T> member)
        where T : IStolonMember
    {
        if (member.Resource.Role == StolonMemberRole.Store)
        {
            AddStoreEndpoints(member);
        }
        else
        {
            AddEndpoints(member);
            var plan = cluster.Resource.Plan;
            member.WithArgs([.. plan.InContainers ? [] : plan.Start.Arguments, MemberNames.Word(member.Resource.Role)]).WithHttpHealthCheck("/readyz", endpointName: StolonClusterResource.MetricsEndpointName);
            WaitForStore(cluster, member);
        }

        if (member.Resource.Role == StolonMemberRole.Keeper && cluster.ApplicationBuilder.ExecutionContext.IsRunMode)
        {
            StolonCommands.AddToKeeper(member);
        }

        member.WithEnvironment(context => MemberEnvironment.Fill(context.EnvironmentVariables, member.Resource)).WithParentRelationship(cluster.Resource);
        return member.Resource;
    }

    private static void AddStoreEndpoints<T>(IResourceBuilder<T> node)
        where T : IStolonMember
    {
        var isContainer = node.Resource.Cluster.Plan.InContainers;
        node.WithHttpEndpoint(targetPort: isContainer ? ContainerLayout.ClientPort : null, name: StolonClusterResource.ClientEndpointName, isProxied: isContainer)
            .WithHttpEndpoint(targetPort: isContainer ? ContainerLayout.PeerPort : null, name: StolonClusterResource.PeerEndpointName, isProxied: isContainer)
            .WithHttpHealthCheck("/health", endpointName: StolonClusterResource.ClientEndpointName)
            .WithUrlForEndpoint(StolonClusterResource.ClientEndpointName, url => (url.Url, url.DisplayText) = ("/health", "health"))
            .WithUrlForEndpoint(StolonClusterResource.PeerEndpointName, url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly);
    }

    /// <summary>
    /// A keeper's PostgreSQL is reached where it says it is, also by the other keepers: nothing may stand in front of it on this machine. Nor in front of a proxy:
    /// one that is stopped has to refuse, so that clients go on to the next. Containers get another port with each start, and need what stands in front.
    /// </summary>
    private static void AddEndpoints<T>(IResourceBuilder<T> member)
        where T : IStolonMember
    {
        var isContainer = member.Resource.Cluster.Plan.InContainers;
        switch (member.Resource.Role)
        {
            case StolonMemberRole.Keeper:
                member.WithEndpoint(
                    targetPort: isContainer ? ContainerLayout.PostgresPort : null, scheme: "tcp", name: StolonClusterResource.PostgresEndpointName,
                    env: MemberNames.Variable(StolonMemberRole.Keeper, "pg-port"), isProxied: isContainer);
                break;
            case StolonMemberRole.Proxy:
                member.WithEndpoint(
                    port: member.Resource.Ordinal == 0 ? member.Resource.Cluster.HostPort : null, targetPort: isContainer ? ContainerLayout.ProxyPort : null,
                    scheme: "tcp", name: StolonClusterResource.PostgresEndpointName, env: MemberNames.Variable(StolonMemberRole.Proxy, "port"), isProxied: isContainer);
                break;
        }

        member.WithHttpEndpoint(targetPort: isContainer ? ContainerLayout.MetricsPort : null, name: StolonClusterResource.MetricsEndpointName)
            .WithUrlForEndpoint(StolonClusterResource.MetricsEndpointName, url => (url.Url, url.DisplayText) = ("/metrics", "metrics"));
    }

    private static void WaitForStore<T>(IResourceBuilder<StolonClusterResource> cluster, IResourceBuilder<T> member)
        where T : IStolonMember
    {
        Forget<WaitAnnotation>(member.Resource, wait => wait.Resource is IStolonMember { Role: StolonMemberRole.Store });
        Forget<ResourceRelationshipAnnotation>(member.Resource, relation => relation.Resource is IStolonMember { Role: StolonMemberRole.Store });
        foreach (var node in cluster.Resource.Roster.Of(StolonMemberRole.Store))
        {
            member.WaitFor(cluster.ApplicationBuilder.CreateResourceBuilder(node));
        }
    }

    private static void Forget<T>(IResource resource, Func<T, bool> which)
        where T : IResourceAnnotation
    {
        foreach (var annotation in resource.Annotations.OfType<T>().Where(which).ToList())
        {
            resource.Annotations.Remove(annotation);
        }
    }
}
