using System.Diagnostics.Metrics;
using System.Text;

namespace Stolon.AspNetCore.Metrics;

/// <summary>Listens to the meters of this library's roles, and writes what it heard as Prometheus' text.</summary>
internal sealed class MetricReader : IDisposable
{
    private const string MeterPrefix = "Stolon.";

    private readonly MeterListener listener = new();
    private readonly Lock reading = new();
    private readonly Lock counting = new();

    /// <summary>What roles told. They tell it while they hold locks of their own, so nothing is asked of them under its lock.</summary>
    private readonly Dictionary<string, Metric> counted = new(StringComparer.Ordinal);

    /// <summary>What was looked up in the reading under way.</summary>
    private readonly Dictionary<string, Metric> lookedUp = new(StringComparer.Ordinal);

    /// <summary>Begins to listen.</summary>
    /// <param name="scope">The host's meter factory: meters of other hosts of this process are not heard.</param>
    public MetricReader(IMeterFactory scope)
    {
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Name.StartsWith(MeterPrefix, StringComparison.Ordinal)
                && (instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, scope)))
            {
                listening.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Hear(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Hear(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Hear(instrument, value, tags));
        listener.Start();
    }

    /// <summary>Asks what is looked up, and writes everything.</summary>
    /// <returns>The text.</returns>
    public string Read()
    {
        lock (reading)
        {
            LookUp();
            var text = new StringBuilder();
            lock (counting)
            {
                foreach (var (name, metric) in counted.Concat(lookedUp).OrderBy(metric => metric.Key, StringComparer.Ordinal))
                {
                    ExpositionFormat.AppendHead(text, name, metric.Help, metric.IsCounter);
                    foreach (var (labels, value) in metric.Values)
                    {
                        ExpositionFormat.AppendValue(text, name, labels, value);
                    }
                }
            }

            return text.ToString();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => listener.Dispose();

    private void LookUp()
    {
        lookedUp.Clear();
        try
        {
            listener.RecordObservableInstruments();
        }
        catch (AggregateException)
        {
            // What a role that is just ending cannot tell is left out; all others were asked.
        }
    }

    private void Hear(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (instrument.IsObservable)
        {
            // It was asked by this reader, so the lock of the reading is held.
            Add(lookedUp, instrument, value, tags);
            return;
        }

        lock (counting)
        {
            Add(counted, instrument, value, tags);
        }
    }

    /// <summary>Counters of several roles under the same labels are one; of other numbers the last one stands.</summary>
    private static void Add(
        Dictionary<string, Metric> metrics, Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var isCounter = instrument.GetType() is { IsGenericType: true } type
            && (type.GetGenericTypeDefinition() == typeof(Counter<>) || type.GetGenericTypeDefinition() == typeof(ObservableCounter<>));
        var name = ExpositionFormat.Name(instrument.Name, instrument.Unit, isCounter);
        var labels = ExpositionFormat.Labels(tags);
        if (!metrics.TryGetValue(name, out var metric))
        {
            metric = new Metric(instrument.Description ?? "", isCounter);
            metrics.Add(name, metric);
        }

        metric.Values[labels] = isCounter ? metric.Values.GetValueOrDefault(labels) + value : value;
    }

    private sealed record Metric(string Help, bool IsCounter)
    {
        public SortedDictionary<string, double> Values { get; } = new(StringComparer.Ordinal);
    }
}
