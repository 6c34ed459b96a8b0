using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Stolon.Aspire.Topology;

namespace Stolon.Aspire;

/// <summary>
/// The variables that members get. All settings go this way, and none as an argument: arguments are shown in the dashboard. They are found out when a member
/// starts, so that the order of the calls in the AppHost does not matter.
/// </summary>
internal static class MemberEnvironment
{
    private const string Loopback = "127.0.0.1";
    private const string Anywhere = "0.0.0.0";
    private const string ReplicationUser = "replicator";

    /// <summary>Adds the variables of a member.</summary>
    /// <param name="variables">Gets them.</param>
    /// <param name="member">The member.</param>
    public static void Fill(Dictionary<string, object> variables, IStolonMember member)
    {
        if (member.Role == StolonMemberRole.Store)
        {
            FillStore(variables, member);
            return;
        }

        var cluster = member.Cluster;
        void Set(string flag, object value) => variables[MemberNames.Variable(member.Role, flag)] = value;

        Set("cluster-name", cluster.Name);
        Set("store-backend", cluster.StoreEndpoints.Count > 0 ? "etcdv3" : "embedded");
        Set("store-endpoints", cluster.StoreEndpoints.Count > 0 ? Join(cluster.StoreEndpoints) : cluster.StoreFile);
        var metrics = new EndpointReference(member, StolonClusterResource.MetricsEndpointName).Property(EndpointProperty.TargetPort);
        Set("metrics-listen-address", ReferenceExpression.Create($"{Host(cluster)}:{metrics}"));
        switch (member.Role)
        {
            case StolonMemberRole.Keeper:
                FillKeeper(Set, member);
                break;
            case StolonMemberRole.Sentinel:
                Set("initial-cluster-spec", cluster.Shape.SpecificationJson());
                break;
            default:
                Set("listen-address", Host(cluster));
                break;
        }
    }

    private static void FillKeeper(Action<string, object> set, IStolonMember keeper)
    {
        var (cluster, plan) = (keeper.Cluster, keeper.Cluster.Plan);
        set("uid", MemberNames.KeeperUid(keeper.Ordinal));
        set("data-dir", plan.InContainers ? ContainerLayout.KeeperData : Path.Combine(plan.Folder, keeper.Name));
        set("pg-listen-address", plan.InContainers ? "*" : Loopback);
        set("pg-su-username", cluster.UserNameReference);
        set("pg-su-password", cluster.PasswordParameter);
        set("pg-repl-username", ReplicationUser);
        set("pg-repl-password", cluster.ReplicationPasswordParameter);
        if (plan.InContainers)
        {
            // The name by which other containers know it.
            var postgres = new EndpointReference(keeper, StolonClusterResource.PostgresEndpointName, KnownNetworkIdentifiers.DefaultAspireContainerNetwork);
            set("pg-advertise-address", postgres.Property(EndpointProperty.Host));
            set("pg-advertise-port", postgres.Property(EndpointProperty.TargetPort));
        }
        else if (plan.PostgresBinPath is { } binaries)
        {
            set("pg-bin-path", binaries);
        }
    }

    private static void FillStore(Dictionary<string, object> variables, IStolonMember node)
    {
        var (cluster, plan) = (node.Cluster, node.Cluster.Plan);
        var nodes = cluster.Roster.Of(StolonMemberRole.Store);
        variables["ETCD_NAME"] = node.Name;
        variables["ETCD_DATA_DIR"] = plan.InContainers ? ContainerLayout.EtcdData : Path.Combine(plan.Folder, node.Name);
        variables["ETCD_LISTEN_CLIENT_URLS"] = Listen(StolonClusterResource.ClientEndpointName);
        variables["ETCD_ADVERTISE_CLIENT_URLS"] = Url(node, StolonClusterResource.ClientEndpointName);
        variables["ETCD_LISTEN_PEER_URLS"] = Listen(StolonClusterResource.PeerEndpointName);
        variables["ETCD_INITIAL_ADVERTISE_PEER_URLS"] = Url(node, StolonClusterResource.PeerEndpointName);
        variables["ETCD_INITIAL_CLUSTER_TOKEN"] = cluster.Name;
        var all = new ReferenceExpressionBuilder();
        for (var at = 0; at < nodes.Count; at++)
        {
            all.AppendLiteral(string.Create(CultureInfo.InvariantCulture, $"{(at == 0 ? "" : ",")}{nodes[at].Name}="));
            all.Append($"{Url(nodes[at], StolonClusterResource.PeerEndpointName)}");
        }

        variables["ETCD_INITIAL_CLUSTER"] = all.Build();

        ReferenceExpression Listen(string endpoint) =>
            ReferenceExpression.Create($"http://{Host(cluster)}:{new EndpointReference(node, endpoint).Property(EndpointProperty.TargetPort)}");
    }

    /// <summary>As other members reach it.</summary>
    private static ReferenceExpression Url(IStolonMember member, string endpoint)
    {
        if (!member.Cluster.Plan.InContainers)
        {
            return ReferenceExpression.Create($"http://{Loopback}:{new EndpointReference(member, endpoint).Property(EndpointProperty.TargetPort)}");
        }

        var inside = new EndpointReference(member, endpoint, KnownNetworkIdentifiers.DefaultAspireContainerNetwork);
        return ReferenceExpression.Create($"http://{inside.Property(EndpointProperty.Host)}:{inside.Property(EndpointProperty.TargetPort)}");
    }

    private static string Host(StolonClusterResource cluster) => cluster.Plan.InContainers ? Anywhere : Loopback;

    private static ReferenceExpression Join(IReadOnlyList<EndpointReference> endpoints)
    {
        var text = new ReferenceExpressionBuilder();
        for (var at = 0; at < endpoints.Count; at++)
        {
            text.AppendLiteral(at == 0 ? "" : ",");
            text.Append($"{endpoints[at].Property(EndpointProperty.Url)}");
        }

        return text.Build();
    }
}
