using Microsoft.Extensions.Diagnostics.HealthChecks;
using Stolon.Hosting.Health;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>A cluster's part in this process as health checks, for a program that has endpoints of its own.</summary>
public static class StolonHealthCheckExtensions
{
    /// <summary>The tag of the check that fails when a loop hangs, so that only a new start of the process helps.</summary>
    public const string LiveTag = "live";

    /// <summary>The tag of the check that fails while a role does not do its work.</summary>
    public const string ReadyTag = "ready";

    /// <summary>Adds two checks, <c>stolon-NAME-live</c> and <c>stolon-NAME-ready</c>, with the tags that their names end with.</summary>
    /// <param name="checks">The host's health checks.</param>
    /// <param name="clusterName">The cluster that was named at <c>AddStolon</c>.</param>
    /// <returns>The health checks.</returns>
    public static IHealthChecksBuilder AddStolon(this IHealthChecksBuilder checks, string clusterName)
    {
        ArgumentNullException.ThrowIfNull(checks);
        ArgumentException.ThrowIfNullOrWhiteSpace(clusterName);
        return checks
            .Add(Check(clusterName, LiveTag, role => role.Hanging))
            .Add(Check(clusterName, ReadyTag, role => role.NotReady));
    }

    private static HealthCheckRegistration Check(string cluster, string tag, Func<RoleHealth, IEnumerable<string>> reasons) => new(
        $"stolon-{cluster}-{tag}",
        services => new RolesCheck(services.GetRequiredKeyedService<IStolonHealth>(cluster), reasons),
        failureStatus: null,
        tags: [tag]);

    private sealed class RolesCheck(IStolonHealth health, Func<RoleHealth, IEnumerable<string>> reasons) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            string[] found = [.. health.Read().SelectMany(role => reasons(role).Select(reason => $"{role.Role}: {reason.ReplaceLineEndings(" ")}"))];
            return Task.FromResult(found.Length == 0
                ? HealthCheckResult.Healthy()
                : new HealthCheckResult(context.Registration.FailureStatus, string.Join("; ", found)));
        }
    }
}
