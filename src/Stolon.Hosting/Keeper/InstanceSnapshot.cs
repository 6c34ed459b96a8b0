using System.Collections.Immutable;
using Stolon.Cluster;
using Stolon.Convergence;
using Stolon.Hosting.Postgres;
using Stolon.Postgres;

namespace Stolon.Hosting.Keeper;

/// <summary>What one look at the instance found. Immutable: it is exchanged as a whole.</summary>
internal sealed record InstanceSnapshot
{
    /// <summary>Nothing was looked at yet.</summary>
    public static readonly InstanceSnapshot Nothing = new() { State = new InstanceState(false, false, null) };

    /// <summary>What disk and process table say.</summary>
    public required InstanceState State { get; init; }

    /// <summary>What the instance answered; null when it did not.</summary>
    public CollectedState? Collected { get; init; }

    /// <summary>The control file, when it does not run; null when it runs or there is none.</summary>
    public ControlData? Control { get; init; }

    /// <summary>The system identifier of the data, also when it does not run; empty when not known.</summary>
    public string SystemId => Collected?.SystemId ?? Control?.SystemId ?? "";

    /// <summary>Why it did not answer; empty when it did, or when it does not run.</summary>
    public string Failure { get; init; } = "";

    /// <summary>Until when somebody has to have looked again: an instant of the boot clock. Before now = it is too old.</summary>
    public TimeSpan GoodUntil { get; init; } = TimeSpan.MaxValue;

    /// <summary>Nobody could look since: what it says of files and processes was true once.</summary>
    public bool IsOutdated { get; private init; }

    /// <summary>The answer in the words of decisions; null when there is none.</summary>
    public Answer? Answer =>
        Collected is { } collected
            ? new Answer
            {
                Role = collected.Role,
                Timeline = collected.TimelineId,
                InSync = InSync,
                Slots = collected.PhysicalSlots.ToImmutableSortedSet(StringComparer.Ordinal),
                RestartPending = collected.PendingRestart,
            }
            : null;

    /// <summary>Our standbys that are in sync (K9).</summary>
    public ValueList<DbId> InSync =>
        Collected is { } collected
            ? collected.SynchronousNames.Select(ObjectNames.DbOf).OfType<DbId>().Order().ToValueList()
            : default;

    /// <summary>What it is worth now.</summary>
    /// <param name="now">An instant of the boot clock.</param>
    /// <returns>Itself; when it is too old, without the answer.</returns>
    public InstanceSnapshot At(TimeSpan now) =>
        now <= GoodUntil ? this : this with
        {
            IsOutdated = true,
            Collected = null,
            Failure = Failure.Length > 0 ? Failure : "nobody could look at it and its data directory for too long",
        };

    /// <summary>What it is worth when the list of synchronous standbys may be another one by now.</summary>
    /// <param name="barrier">What is proven now (Q38).</param>
    /// <returns>Itself; when it was judged by another proof, with nobody in sync.</returns>
    public InstanceSnapshot Under(CommitBarrier? barrier) =>
        Collected is null || Collected.Barrier == barrier ? this : this with { Collected = Collected with { SynchronousNames = [] } };

    /// <summary>Whether others should hear of the difference at once (architecture, section 5).</summary>
    /// <param name="earlier">The look before.</param>
    /// <returns>Whether something that matters changed.</returns>
    public bool MattersAfter(InstanceSnapshot earlier) =>
        State.Running != earlier.State.Running
        || (Collected is null) != (earlier.Collected is null)
        || Collected?.Role != earlier.Collected?.Role
        || Collected?.TimelineId != earlier.Collected?.TimelineId
        || Collected?.WalReceiver != earlier.Collected?.WalReceiver
        || (Collected is { WalReceiver: WalReceiverState.Gone } && Collected.XLogPos != earlier.Collected?.XLogPos)
        || InSync != earlier.InSync;
}
