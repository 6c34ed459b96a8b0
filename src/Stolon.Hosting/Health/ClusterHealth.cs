using System.Collections.Immutable;
using Stolon.Hosting.DependencyInjection;

namespace Stolon.Hosting.Health;

/// <summary>Asks the roles of one cluster how they do.</summary>
/// <param name="cluster">What was registered.</param>
internal sealed class ClusterHealth(ClusterRegistration cluster) : IStolonHealth
{
    private volatile IHealthyRole[]? roles;

    /// <inheritdoc/>
    public string ClusterName => cluster.Name;

    /// <summary>From now on these are the roles.</summary>
    /// <param name="made">Roles that were just made.</param>
    public void Adopt(IEnumerable<IHealthyRole> made) => roles = [.. made];

    /// <inheritdoc/>
    public ImmutableArray<RoleHealth> Read() =>
        roles is { } made
            ? [.. made.Select(role => role.Health)]
            : [.. cluster.Roles.Select(role => new RoleHealth(role.Kind.ToString().ToLowerInvariant(), [], ["it has not started yet"]))];
}
