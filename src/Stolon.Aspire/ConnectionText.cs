using Aspire.Hosting.ApplicationModel;

namespace Stolon.Aspire;

/// <summary>Connection strings over the endpoints of members: they have values when those are known.</summary>
internal static class ConnectionText
{
    /// <summary>
    /// Of several hosts Npgsql asks each connection before it hands it out. It would otherwise find no host for 10 s once a failover has broken the connections
    /// of all proxies. What stands in front of a member in run mode accepts connections when the member is stopped, too, and says nothing: Npgsql would go on to
    /// the next host after 15 s.
    /// </summary>
    private const string OfSeveral = ";Timeout=5;Host Recheck Seconds=0";

    /// <summary>Npgsql, through the proxies: wherever it gets in, it is at the primary.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <returns>The expression.</returns>
    public static ReferenceExpression ToProxies(StolonClusterResource cluster)
    {
        var text = new ReferenceExpressionBuilder();
        AddHosts(text, cluster, StolonMemberRole.Proxy);
        text.Append($";Username={cluster.UserNameReference};Password={cluster.PasswordParameter}");
        if (cluster.Roster.Of(StolonMemberRole.Proxy).Count > 1)
        {
            text.AppendLiteral(OfSeveral);
        }

        return text.Build();
    }

    /// <summary>Npgsql, to one PostgreSQL, whatever it is.</summary>
    /// <param name="keeper">Its keeper.</param>
    /// <returns>The expression.</returns>
    public static ReferenceExpression ToKeeper(IStolonMember keeper)
    {
        var endpoint = new EndpointReference(keeper, StolonClusterResource.PostgresEndpointName);
        return ReferenceExpression.Create(
            $"Host={endpoint.Property(EndpointProperty.Host)};Port={endpoint.Property(EndpointProperty.Port)};Username={keeper.Cluster.UserNameReference};Password={keeper.Cluster.PasswordParameter}");
    }

    /// <summary>Npgsql, to the keepers: a standby if there is one.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="database">The database; null = the superuser's.</param>
    /// <returns>The expression.</returns>
    public static ReferenceExpression ToKeepers(StolonClusterResource cluster, string? database)
    {
        var text = new ReferenceExpressionBuilder();
        if (cluster.IsElsewhere)
        {
            text.Append($"{cluster}");
        }
        else
        {
            AddHosts(text, cluster, StolonMemberRole.Keeper);
            text.Append($";Username={cluster.UserNameReference};Password={cluster.PasswordParameter}");
        }

        if (database is not null)
        {
            text.Append($";Database={database}");
        }

        text.AppendLiteral($";Target Session Attributes=prefer-standby;Load Balance Hosts=true{OfSeveral}");
        return text.Build();
    }

    /// <summary>As libpq has it.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="database">The database; null = none named.</param>
    /// <returns>The expression.</returns>
    public static ReferenceExpression Uri(StolonClusterResource cluster, string? database)
    {
        var text = new ReferenceExpressionBuilder();
        text.AppendLiteral("postgresql://");
        if (cluster.UserNameParameter is { } userName)
        {
            text.Append($"{userName:uri}:");
        }
        else
        {
            text.AppendLiteral($"{StolonClusterResource.DefaultUserName}:");
        }

        text.Append($"{cluster.PasswordParameter:uri}@");
        AddPairs(text, cluster);
        AddDatabase(text, database);
        return text.Build();
    }

    /// <summary>As PostgreSQL's JDBC driver has it.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="database">The database; null = none named.</param>
    /// <returns>The expression.</returns>
    public static ReferenceExpression Jdbc(StolonClusterResource cluster, string? database)
    {
        var text = new ReferenceExpressionBuilder();
        text.AppendLiteral("jdbc:postgresql://");
        AddPairs(text, cluster);
        if (database is null)
        {
            text.AppendLiteral("/");
        }

        AddDatabase(text, database);
        return text.Build();
    }

    private static void AddDatabase(ReferenceExpressionBuilder text, string? database)
    {
        if (database is not null)
        {
            text.Append($"/{database:uri}");
        }
    }

    /// <summary>One has the well-known form with a port of its own; several are pairs.</summary>
    private static void AddHosts(ReferenceExpressionBuilder text, StolonClusterResource cluster, StolonMemberRole role)
    {
        var endpoints = Endpoints(cluster, role);
        text.AppendLiteral("Host=");
        if (endpoints is [var only])
        {
            text.Append($"{only.Property(EndpointProperty.Host)};Port={only.Property(EndpointProperty.Port)}");
            return;
        }

        AddPairs(text, endpoints);
    }

    private static void AddPairs(ReferenceExpressionBuilder text, StolonClusterResource cluster) => AddPairs(text, Endpoints(cluster, StolonMemberRole.Proxy));

    private static void AddPairs(ReferenceExpressionBuilder text, IReadOnlyList<EndpointReference> endpoints)
    {
        for (var at = 0; at < endpoints.Count; at++)
        {
            text.AppendLiteral(at == 0 ? "" : ",");
            text.Append($"{endpoints[at].Property(EndpointProperty.HostAndPort)}");
        }
    }

    private static IReadOnlyList<EndpointReference> Endpoints(StolonClusterResource cluster, StolonMemberRole role) =>
        [.. cluster.Roster.Of(role).Select(member => new EndpointReference(member, StolonClusterResource.PostgresEndpointName))];
}
