using System.Diagnostics;
using System.Text.Json;

namespace Stolon.Hosting.Health;

/// <summary>
/// The activities of one role. They have no parent in another process: cluster, db, generation and the instant at which each began put the steps of
/// one failover together.
/// </summary>
/// <param name="clusterName">The cluster.</param>
/// <param name="role">keeper, sentinel or proxy.</param>
/// <param name="uid">Which one.</param>
internal sealed class RoleSteps(string clusterName, string role, string uid)
{
    private readonly KeyValuePair<string, object?>[] tags = [new("cluster_name", clusterName), new(role, uid)];

    /// <summary>Begins a step.</summary>
    /// <param name="name">Its name: the role, a dot and what is done.</param>
    /// <returns>To be disposed at its end; null = nobody listens.</returns>
    public Activity? Begin(string name) => Begin(name, default);

    /// <summary>Begins a step that began earlier.</summary>
    /// <param name="name">Its name: the role, a dot and what is done.</param>
    /// <param name="since">When; the default = now.</param>
    /// <returns>To be disposed at its end; null = nobody listens.</returns>
    public Activity? Begin(string name, DateTimeOffset since) =>
        StolonTracing.Source.HasListeners()
            ? StolonTracing.Source.StartActivity(ActivityKind.Internal, default, tags, null, since, name)
            : null;

    /// <summary>The name of a step that carries out a decision.</summary>
    /// <param name="decision">The decision.</param>
    /// <returns>For example <c>keeper.record_converged</c>.</returns>
    public string NameOf(object decision) => $"{role}.{JsonNamingPolicy.SnakeCaseLower.ConvertName(decision.GetType().Name)}";
}
