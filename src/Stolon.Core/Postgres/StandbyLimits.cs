using System.Globalization;
using Stolon.Cluster;

namespace Stolon.Postgres;

/// <summary>
/// The parameters that a standby must have at least as high as its primary had when it wrote the WAL: with a lower value it does not start
/// ("recovery aborted because of insufficient parameter settings"), or stops replaying. So a lowered value reaches a standby only when it
/// has replayed that the primary runs with it.
/// </summary>
/// <remarks>Source: PostgreSQL's documentation, "Hot Standby", "Administrator's Overview".</remarks>
public static class StandbyLimits
{
    /// <summary>The names, with PostgreSQL's defaults and the names that <c>pg_controldata</c> gives them.</summary>
    private static readonly (string Name, int Default, string ControlName)[] All =
    [
        ("max_connections", 100, "max_connections setting"),
        ("max_worker_processes", 8, "max_worker_processes setting"),
        ("max_wal_senders", 10, "max_wal_senders setting"),
        ("max_prepared_transactions", 0, "max_prepared_xacts setting"),
        ("max_locks_per_transaction", 64, "max_locks_per_xact setting"),
    ];

    /// <summary>What the control file demands.</summary>
    /// <param name="find">Finds a line of <c>pg_controldata</c> by its name; null = it is not there.</param>
    /// <returns>The least value of each parameter.</returns>
    public static ValueMap<string, int> Read(Func<string, string?> find)
    {
        ArgumentNullException.ThrowIfNull(find);
        var least = ValueMap<string, int>.Empty;
        foreach (var (name, _, controlName) in All)
        {
            least = int.TryParse(find(controlName), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? least.With(name, value) : least;
        }

        return least;
    }

    /// <summary>Raises what is too low.</summary>
    /// <param name="parameters">What is asked for.</param>
    /// <param name="least">What the control file demands.</param>
    /// <returns>The parameters; the same when none is too low. A value that is no number is left to PostgreSQL.</returns>
    public static ValueMap<string, string> Raise(ValueMap<string, string> parameters, ValueMap<string, int> least)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(least);
        foreach (var (name, byDefault, _) in All)
        {
            var asked = parameters.Find(name) is not { } text ? byDefault
                : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : int.MaxValue;
            if (least.TryGetValue(name, out var demanded) && asked < demanded)
            {
                parameters = parameters.With(name, demanded.ToString(CultureInfo.InvariantCulture));
            }
        }

        return parameters;
    }
}
