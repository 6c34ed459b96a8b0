namespace Stolon.Comparison.Measuring;

/// <summary>What can be measured, and how it is called.</summary>
internal static class Subjects
{
    public const string FirstWrite = "first-write";
    public const string Postmaster = "postmaster";
    public const string Killed = "killed";
    public const string Frozen = "frozen";
    public const string Node = "node";
    public const string Switchover = "switchover";
    public const string Rolling = "rolling";
    public const string Idle = "idle";

    /// <summary>New connections that failed during a switchover.</summary>
    public const string Refused = "refused";

    /// <summary>Writes to the store in a second at rest.</summary>
    public const string StoreWrites = "store-writes";

    /// <summary>Those that take seconds, with a sentence each, in the order in which they are shown.</summary>
    public static IReadOnlyDictionary<string, string> Times { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [FirstWrite] = "From nothing to the first write (etcd runs)",
        [Postmaster] = "Postmaster alone killed",
        [Killed] = "Primary and its manager killed together",
        [Frozen] = "Primary and its manager frozen",
        [Node] = "A whole node killed",
        [Switchover] = "Planned switchover, longest gap",
        [Rolling] = "The three members restarted in turn (SIGTERM), longest gap",
    };

    /// <summary>The words of the command line.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Times.Keys, Idle];

    /// <summary>Lost rows of a failure.</summary>
    public static string LostIn(string what) => $"lost-{what}";

    /// <summary>Processor time of a role at rest, percent of a core.</summary>
    public static string ProcessorOf(string role) => $"cpu-{role}";

    /// <summary>Resident memory of a role at rest, MB.</summary>
    public static string MemoryOf(string role) => $"memory-{role}";
}
