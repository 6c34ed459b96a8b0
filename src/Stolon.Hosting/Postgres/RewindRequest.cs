using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>What pg_rewind shall do (R3, R5).</summary>
/// <param name="Source">The current primary, as its superuser.</param>
/// <param name="Password">The superuser's password.</param>
/// <param name="SystemId">What the source must be, checked live just before.</param>
/// <param name="Parameters">What it follows with afterwards, the way to its primary included.</param>
/// <param name="ReadyLimit">How long it may take to catch up with the rewound point (dbWaitReadyTimeout).</param>
internal sealed record RewindRequest(
    ConnInfo Source, RolePassword Password, string SystemId, ValueMap<string, string> Parameters, TimeSpan ReadyLimit)
{
    /// <summary>Without the password.</summary>
    public override string ToString() => $"rewind from {Source.Host}:{Source.Port}";
}
