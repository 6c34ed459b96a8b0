using System.Collections.Immutable;

namespace Stolon.Postgres;

/// <summary>What <c>pg_stat_replication</c> tells of one walsender.</summary>
/// <param name="Pid">Its process.</param>
/// <param name="Name">The application name of whoever it sends to.</param>
/// <param name="Priority">The place that it shows; 0 = none, and also while it has heard of no flush.</param>
/// <param name="HasFlushed">Whoever it sends to has told a flushed position.</param>
public sealed record WalsenderPlace(int Pid, string Name, int Priority, bool HasFlushed)
{
    /// <summary>
    /// Whether it may still release commits by an older list, which does not ask for all of the new one (Q38). It releases by the list that it
    /// has loaded, if its name is in it, and shows the place of its name there.
    /// </summary>
    /// <param name="list">The value of <c>synchronous_standby_names</c>.</param>
    /// <param name="earlier">The values before it, from the last on of which it is known that every walsender had loaded it.</param>
    /// <returns>True if it may.</returns>
    public bool MayGoByLess(string list, ImmutableArray<string> earlier) =>
        earlier.Any(older => PlaceIn(older) > 0 && MayHaveLoaded(older) && !AsksForAllOf(older, list));

    /// <summary>Whether what it shows fits to a list.</summary>
    /// <param name="list">A value of <c>synchronous_standby_names</c>.</param>
    /// <returns>False if it goes by another one.</returns>
    public bool MayHaveLoaded(string list) => !HasFlushed || Priority == PlaceIn(list);

    private static int PlaceOf(string name, string list) =>
        1 + SynchronousStandbyNames.Parse(list).IndexOf(name, 0, StringComparer.OrdinalIgnoreCase);

    private static bool AsksForAllOf(string list, string other) =>
        SynchronousStandbyNames.Parse(other).All(name => PlaceOf(name, list) > 0);

    private int PlaceIn(string list) => PlaceOf(Name, list);
}
