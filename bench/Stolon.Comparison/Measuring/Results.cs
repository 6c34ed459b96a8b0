namespace Stolon.Comparison.Measuring;

/// <summary>One measured value.</summary>
/// <param name="What">What was measured: a key of <see cref="Subjects"/>.</param>
/// <param name="System">Of which system.</param>
/// <param name="Run">In which run, from 1 on.</param>
/// <param name="Value">The value, in the subject's unit.</param>
internal sealed record Sample(string What, string System, int Run, double Value);

/// <summary>The steps of one failure.</summary>
/// <param name="What">Which failure.</param>
/// <param name="Outage">How long it lasted.</param>
/// <param name="Steps">What was done meanwhile, by whom.</param>
internal sealed record Waterfall(string What, TimeSpan Outage, IReadOnlyList<Step> Steps);

/// <summary>Everything that was measured.</summary>
internal sealed class Results
{
    private readonly List<Sample> samples = [];
    private readonly List<Waterfall> waterfalls = [];

    public IReadOnlyList<Sample> Samples => samples;

    public void Add(string what, string system, int run, double value) => samples.Add(new(what, system, run, value));

    public void Add(Waterfall waterfall) => waterfalls.Add(waterfall);

    /// <summary>Sums up what was measured of one system; null = it was not.</summary>
    public Statistics? Of(string what, string system) =>
        samples.Where(sample => sample.What == what && sample.System == system).Select(sample => sample.Value).ToList() is { Count: > 0 } values
            ? Statistics.Of(values)
            : null;

    /// <summary>For each failure the run of the median length.</summary>
    public IEnumerable<Waterfall> TypicalWaterfalls() => waterfalls
        .GroupBy(waterfall => waterfall.What)
        .Select(group => group.OrderBy(waterfall => waterfall.Outage).ElementAt((group.Count() - 1) / 2));
}
