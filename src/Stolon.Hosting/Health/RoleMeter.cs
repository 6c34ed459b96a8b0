using System.Diagnostics.Metrics;

namespace Stolon.Hosting.Health;

/// <summary>
/// The meter of one role, with what stolon's own dashboards join everything to: <c>stolon_cluster_identifier</c> (A6). Every measurement
/// carries the cluster's name, since several clusters may live in a process.
/// </summary>
internal sealed class RoleMeter : IDisposable
{
    private readonly Meter meter;

    /// <summary>Makes the meter.</summary>
    /// <param name="name">Its name, for example <c>Stolon.Keeper</c>.</param>
    /// <param name="clusterName">The cluster.</param>
    /// <param name="component">stolon's word for the role.</param>
    /// <param name="scope">The host's <see cref="IMeterFactory"/>, by which listeners tell hosts of one process apart; null = none.</param>
    public RoleMeter(string name, string clusterName, string component, object? scope)
    {
        meter = new Meter(new MeterOptions(name) { Scope = scope });
        Cluster = new("cluster_name", clusterName);
        meter.CreateObservableGauge(
            "stolon.cluster_identifier",
            () => new Measurement<int>(1, Cluster, new("component", component)),
            description: "Always 1: which cluster this process has which part in.");
    }

    /// <summary>The tag that names the cluster.</summary>
    public KeyValuePair<string, object?> Cluster { get; }

    /// <summary>Adds a counter; it begins with zero where its tags are known.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="unit">What it counts, in braces.</param>
    /// <param name="description">What it means.</param>
    /// <param name="tags">The tags that all its measurements have; none = each has others.</param>
    /// <returns>The counter.</returns>
    public Counter<long> Counter(string name, string unit, string description, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var counter = meter.CreateCounter<long>(name, unit, description);
        if (!tags.IsEmpty)
        {
            counter.Add(0, tags);
        }

        return counter;
    }

    /// <summary>Adds a number that is looked up when somebody asks.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="unit">Its unit (UCUM); null = none.</param>
    /// <param name="description">What it means.</param>
    /// <param name="observe">Looks it up; nothing = not known now.</param>
    public void Gauge(string name, string? unit, string description, Func<IEnumerable<Measurement<double>>> observe) =>
        meter.CreateObservableGauge(name, observe, unit, description);

    /// <summary>Adds a number that only grows and is looked up when somebody asks.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="unit">What it counts.</param>
    /// <param name="description">What it means.</param>
    /// <param name="observe">Looks it up.</param>
    public void ObservedCounter(string name, string unit, string description, Func<Measurement<long>> observe) =>
        meter.CreateObservableCounter(name, observe, unit, description);

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();
}
