using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Stolon.AspNetCore;
using Stolon.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The HTTP side of a cluster's part in this process.</summary>
public static class StolonHttpExtensions
{
    /// <summary>
    /// Serves <c>/livez</c>, <c>/readyz</c> and <c>/metrics</c>. There is one listener for each process, which speaks for all its clusters:
    /// called again, also for another cluster, this changes its options.
    /// </summary>
    /// <param name="builder">The cluster.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The builder.</returns>
    public static IStolonBuilder AddHttpListener(this IStolonBuilder builder, Action<HttpListenerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var services = builder.Services;
        services.AddMetrics();
        services.AddOptions<HttpListenerOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<HttpListenerOptions>, HttpListenerOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, HttpListener>());
        return builder;
    }
}
