using System.Collections.Immutable;
using Stolon.Cluster;
using Stolon.Observation;

namespace Stolon.Planning;

/// <summary>What a plan needs beside what was observed: time and randomness are handed in.</summary>
/// <param name="Now">The instant before the first read of the pass.</param>
/// <param name="NewId">Makes a db uid: eight hex digits (M3).</param>
public sealed record PlannerInputs(PassTime Now, Func<string> NewId)
{
    /// <summary>The sentinel that plans: a switchover that another one drove is treated with care.</summary>
    public SentinelId Self { get; init; } = new("");
}

/// <summary>What shall be true next, and why.</summary>
/// <param name="Next">The next document.</param>
/// <param name="Reasons">Every change with its reason, and why what might be expected is not done.</param>
/// <param name="WakeAt">The earliest monotonic instant at which time alone could change the plan; null = never.</param>
/// <param name="Memory">What was decided: to be kept when the write succeeded, or none was needed.</param>
public sealed record Plan(ClusterData Next, ImmutableArray<Reason> Reasons, TimeSpan? WakeAt, SentinelMemory Memory)
{
    /// <summary>False when nothing at all may be written, not even what was observed: writing would wipe out the signs that stopped the plan (Q33, L9).</summary>
    public bool MayBeWritten { get; init; } = true;
}
