using Microsoft.Extensions.DependencyInjection;
using Stolon.Hosting.Time;

namespace Stolon.Hosting.DependencyInjection;

/// <summary>The clocks of a host.</summary>
internal static class Clocks
{
    /// <summary>The clock of waits and of stored times.</summary>
    /// <param name="services">The host's services.</param>
    /// <returns>The clock.</returns>
    public static TimeProvider Wall(IServiceProvider services) => services.GetRequiredService<TimeProvider>();

    /// <summary>The clock that runs through suspend; a host that brings a clock of its own, for tests, means it for everything.</summary>
    /// <param name="services">The host's services.</param>
    /// <returns>The clock.</returns>
    public static TimeProvider Boot(IServiceProvider services) =>
        Wall(services) == TimeProvider.System ? BootTimeProvider.Instance : Wall(services);
}
