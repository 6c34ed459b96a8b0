using System.Collections.Immutable;
using Stolon.Hosting.Health;

namespace Stolon.Hosting.Keeper;

/// <summary>The signs of life of a keeper's loops.</summary>
/// <param name="time">The clock of waits.</param>
internal sealed class KeeperPulses(TimeProvider time)
{
    /// <summary>The loop that looks at the instance.</summary>
    public Pulse Observe { get; } = new("observing", time);

    /// <summary>The loop that publishes.</summary>
    public Pulse Publish { get; } = new("publishing", time);

    /// <summary>The loop that converges.</summary>
    public Pulse Converge { get; } = new("converging", time);

    /// <summary>The loop that fences.</summary>
    public Pulse Fence { get; } = new("fencing", time);

    /// <summary>The loop that keeps the passwords up to date.</summary>
    public Pulse Passwords { get; } = new("looking at the passwords", time);

    /// <summary>Which of them hang.</summary>
    public ImmutableArray<string> Troubles => RoleTroubles.Of(Observe, Publish, Converge, Fence, Passwords);
}
