namespace Stolon.Comparison.Measuring;

/// <summary>A row that was acknowledged.</summary>
/// <param name="Row">Its number.</param>
/// <param name="At">When.</param>
internal readonly record struct Acknowledgement(long Row, TimeSpan At);

/// <summary>A time without an acknowledgement.</summary>
/// <param name="From">The last one before it.</param>
/// <param name="To">The first one after it.</param>
internal readonly record struct Gap(TimeSpan From, TimeSpan To)
{
    public TimeSpan Length => To - From;
}

/// <summary>What the acknowledgements of a writer say.</summary>
internal static class Gaps
{
    /// <summary>The longest gap that ends after an instant; null when nothing was acknowledged after it.</summary>
    public static Gap? Longest(IReadOnlyList<Acknowledgement> acknowledged, TimeSpan since) =>
        acknowledged.Zip(acknowledged.Skip(1), (left, right) => new Gap(left.At, right.At))
            .Where(gap => gap.To > since)
            .Select(gap => (Gap?)gap)
            .MaxBy(gap => gap!.Value.Length);

    /// <summary>
    /// How long after a failure writes succeed again: the end of the longest gap after it. What was acknowledged right after the failure was still
    /// on its way.
    /// </summary>
    public static TimeSpan? Outage(IReadOnlyList<Acknowledgement> acknowledged, TimeSpan failure) =>
        Longest(acknowledged, failure) is { } gap ? gap.To - failure : null;

    /// <summary>Acknowledged rows that are not there.</summary>
    public static IReadOnlyList<long> Lost(IReadOnlyList<Acknowledgement> acknowledged, IReadOnlySet<long> found) =>
        [.. acknowledged.Select(one => one.Row).Where(row => !found.Contains(row))];

    /// <summary>Whether writes go on as they should: for a second, and often.</summary>
    public static bool IsSteady(IReadOnlyList<Acknowledgement> acknowledged, TimeSpan now)
    {
        var second = TimeSpan.FromSeconds(1);
        var recent = acknowledged.Reverse().TakeWhile(one => one.At > now - second).ToList();
        return recent.Count >= 20 && now - recent[^1].At >= second * 0.9 && now - recent[0].At < second / 2
            && recent.Zip(recent.Skip(1), (later, earlier) => later.At - earlier.At).All(gap => gap < second / 2);
    }
}
