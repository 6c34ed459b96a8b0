using Stolon.Hosting;

namespace Stolon.Cli.Roles;

/// <summary>The one place where <c>--metrics-listen-address</c> becomes the HTTP listener of a role (/livez, /readyz, /metrics).</summary>
internal static class MetricsListener
{
    /// <summary>Whether this build has the listener.</summary>
    public const bool IsThere = false;

    /// <summary>Adds the listener to a role.</summary>
    /// <param name="builder">The role's cluster.</param>
    /// <param name="address">Where it listens.</param>
    /// <returns>The builder.</returns>
    public static IStolonBuilder AddMetricsListener(this IStolonBuilder builder, string address)
    {
        // Stolon.AspNetCore's extension goes here: builder.AddHttpListener(options => options.Address = address), and IsThere becomes true.
        _ = address;
        return builder;
    }
}
