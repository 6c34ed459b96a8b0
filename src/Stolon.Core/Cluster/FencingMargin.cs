namespace Stolon.Cluster;

/// <summary>How long before the end of a failInterval a primary that is cut off begins to stop (S4).</summary>
public static class FencingMargin
{
    /// <summary>The shortest failInterval that our init and update accept.</summary>
    public static readonly TimeSpan ShortestFailInterval = TimeSpan.FromSeconds(3);

    /// <summary>The margin: a fifth, but at least 1 s; a third where that would be too much.</summary>
    /// <param name="failInterval">The smallest failInterval that was seen.</param>
    /// <returns>The margin, less than the failInterval.</returns>
    public static TimeSpan Of(TimeSpan failInterval) =>
        failInterval < ShortestFailInterval ? failInterval / 3
        : failInterval / 5 > TimeSpan.FromSeconds(1) ? failInterval / 5
        : TimeSpan.FromSeconds(1);
}
