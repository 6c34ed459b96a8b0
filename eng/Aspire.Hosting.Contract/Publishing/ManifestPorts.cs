using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>The ports of endpoints as a manifest says them; those that nobody chose count up from 8000.</summary>
internal sealed class ManifestPorts
{
    private const int First = 8000;

    private readonly HashSet<int> used = [];
    private int next = First;

    /// <returns>For each endpoint the port that is shown where it is not the target's, and the target's.</returns>
    public IReadOnlyList<(EndpointAnnotation Endpoint, int? Port, int? TargetPort)> Resolve(IResource resource)
    {
        var resolved = new List<(EndpointAnnotation, int?, int?)>();
        var schemes = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            // A project's first endpoint of each HTTP scheme listens where the deployment says.
            var assigned = resource is ProjectResource && endpoint.IsHttp && schemes.Add(endpoint.UriScheme);
            var target = Use((resource, endpoint.TargetPort, endpoint.Port) switch
            {
                (_, { } chosen, _) => chosen,
                (ContainerResource, null, { } port) => port,
                _ when assigned => null,
                _ => Allocate(),
            });
            var shown = Use((endpoint.Port, target) switch
            {
                ({ } port, { } same) when port == same => null,
                ({ } port, _) => port,
                (null, not null) => null,
                _ when endpoint.IsHttp => null,
                _ => Allocate(),
            });
            resolved.Add((endpoint, shown, target));
        }

        return resolved;
    }

    private int? Use(int? port)
    {
        if (port is { } number)
        {
            used.Add(number);
        }

        return port;
    }

    private int Allocate()
    {
        while (!used.Add(next))
        {
            next++;
        }

        return next++;
    }
}
