using Stolon.Cluster;

namespace Stolon.Convergence;

/// <summary>
/// When a primary that is not heard, or does not hear, stops itself (S4), as durations since the older of its last successful
/// publication and its last successful linearizable read <em>began</em>. Measured on a clock that runs through suspend.
/// </summary>
/// <param name="Fast">A fast stop begins.</param>
/// <param name="Immediate">An immediate stop begins; the guard, which outlives a frozen keeper, kills everything.</param>
/// <param name="Kill">Every process of the data directory is killed.</param>
public readonly record struct Fencing(TimeSpan Fast, TimeSpan Immediate, TimeSpan Kill)
{
    /// <summary>The limits for a failInterval: the margin is <see cref="FencingMargin"/>.</summary>
    /// <param name="failInterval">The smallest failInterval seen since the last contact.</param>
    /// <returns>The limits; each is before <paramref name="failInterval"/>, after which another may be elected.</returns>
    public static Fencing For(TimeSpan failInterval)
    {
        var margin = FencingMargin.Of(failInterval);
        return new Fencing(failInterval - margin, failInterval - (margin / 2), failInterval - (margin / 4));
    }
}
