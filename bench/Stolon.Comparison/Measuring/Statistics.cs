namespace Stolon.Comparison.Measuring;

/// <summary>What several runs of one measurement gave.</summary>
/// <param name="Count">How many.</param>
/// <param name="Least">The least.</param>
/// <param name="Median">The median.</param>
/// <param name="Most">The most.</param>
internal readonly record struct Statistics(int Count, double Least, double Median, double Most)
{
    /// <summary>Sums up.</summary>
    /// <param name="values">At least one.</param>
    public static Statistics Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0)
        {
            throw new ArgumentException("there is nothing to sum up", nameof(values));
        }

        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new(sorted.Length, sorted[0], median, sorted[^1]);
    }
}
