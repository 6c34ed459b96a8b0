using Stolon.Cluster;

namespace Stolon.Planning;

/// <summary>
/// Why a plan does what it does, and why it does not do what an operator may expect. The closed family is everything that the planner says:
/// logs, history, status and tests all use it.
/// </summary>
public abstract partial record Reason
{
    private Reason()
    {
    }

    /// <summary>A stable name, for programs.</summary>
    public string Kind => GetType().Name;

    /// <summary>The reason as a sentence.</summary>
    public abstract string Text { get; }

    /// <summary>True for something that changes; false for a standing explanation of why nothing does.</summary>
    public virtual bool IsChange => true;

    /// <summary>True for something that an operator has to see, or to act on.</summary>
    public virtual bool IsAlarm => false;

    /// <summary>A dead keeper without a db is forgotten (N1).</summary>
    /// <param name="Keeper">The keeper.</param>
    public sealed record KeeperRemoved(KeeperId Keeper) : Reason
    {
        /// <inheritdoc/>
        public override string Text => $"Keeper {Keeper} has no db and was not heard for longer than deadKeeperRemovalInterval: it is forgotten.";
    }

    /// <summary>The first instance is being made (rules I).</summary>
    /// <param name="Db">Its db.</param>
    /// <param name="Keeper">The keeper that makes it.</param>
    /// <param name="Mode">How.</param>
    public sealed record InitializationStarted(DbId Db, KeeperId Keeper, InitMode Mode) : Reason
    {
        /// <inheritdoc/>
        public override string Text => $"Keeper {Keeper} makes the first instance, db {Db}, by init mode {Mode}.";
    }

    /// <summary>The first instance cannot be made yet.</summary>
    /// <param name="Why">Why, as a sentence.</param>
    public sealed record InitializationWaits(string Why) : Reason
    {
        /// <inheritdoc/>
        public override string Text => Why;

        /// <inheritdoc/>
        public override bool IsChange => false;
    }

    /// <summary>A keeper holds data that somebody may miss, and the store was empty: no new cluster is made (Q32).</summary>
    /// <param name="Why">Whose data, and what helps.</param>
    public sealed record InitializationRefused(string Why) : Reason
    {
        /// <inheritdoc/>
        public override bool IsAlarm => true;

        /// <inheritdoc/>
        public override string Text => Why;

        /// <inheritdoc/>
        public override bool IsChange => false;
    }

    /// <summary>The first instance failed; another keeper tries (I2, Q24).</summary>
    /// <param name="Db">The db.</param>
    /// <param name="Keeper">The keeper that failed.</param>
    /// <param name="Why">Why, as a sentence.</param>
    public sealed record InitializationFailed(DbId Db, KeeperId Keeper, string Why) : Reason
    {
        /// <inheritdoc/>
        public override bool IsAlarm => true;

        /// <inheritdoc/>
        public override string Text => $"Keeper {Keeper} could not make the first instance, db {Db}: {Why}. Another is tried.";
    }

    /// <summary>The cluster has its first instance (I6).</summary>
    /// <param name="Db">Its db.</param>
    public sealed record Initialized(DbId Db) : Reason
    {
        /// <inheritdoc/>
        public override string Text => $"Db {Db} is the first instance: the cluster is initialised.";
    }

    /// <summary>Another primary was elected (N4-N6).</summary>
    /// <param name="Old">The one before.</param>
    /// <param name="New">The elected one.</param>
    /// <param name="Why">What is wrong with the old one.</param>
    /// <param name="BytesBehind">How many bytes the elected one is behind the last report of the old one.</param>
    public sealed record PrimaryElected(DbId Old, DbId New, string Why, long BytesBehind) : Reason
    {
        /// <inheritdoc/>
        public override bool IsAlarm => true;

        /// <inheritdoc/>
        public override string Text =>
            $"Primary {Old} failed ({Why}): {New} takes over, {Math.Max(0, BytesBehind)} bytes behind what {Old} last reported.";
    }

    /// <summary>The primary failed, and nobody may take over (N4).</summary>
    /// <param name="Primary">The failed primary.</param>
    /// <param name="Why">What is wrong with it.</param>
    public sealed record NoCandidate(DbId Primary, string Why) : Reason
    {
        /// <inheritdoc/>
        public override bool IsAlarm => true;

        /// <inheritdoc/>
        public override string Text => $"Primary {Primary} failed ({Why}), and no standby may take over.";

        /// <inheritdoc/>
        public override bool IsChange => false;
    }

    /// <summary>Why one db was not elected.</summary>
    /// <param name="Db">The db.</param>
    /// <param name="Rule">The rule that rejected it.</param>
    /// <param name="Why">Why, as half a sentence.</param>
    public sealed record CandidateRejected(DbId Db, string Rule, string Why) : Reason
    {
        /// <inheritdoc/>
        public override string Text => $"{Db} was not elected: {Why} ({Rule}).";

        /// <inheritdoc/>
        public override bool IsChange => false;
    }

    /// <summary>The primary failed, and the standbys' last positions are awaited for a moment (architecture, section 5).</summary>
    /// <param name="Primary">The failed primary.</param>
    /// <param name="Awaited">Whose reports are awaited.</param>
    public sealed record ElectionWaits(DbId Primary, ValueList<DbId> Awaited) : Reason
    {
        /// <inheritdoc/>
        public override string Text => $"Primary {Primary} failed: fresh reports of {Awaited} are awaited for a moment before an election.";

        /// <inheritdoc/>
        public override bool IsChange => false;
    }

    /// <summary>The document says that the primary failed, and this sentinel listens for itself before it acts on that (O2, Q29).</summary>
    /// <param name="Primary">The primary.</param>
    /// <param name="Keeper">Its keeper.</param>
    public sealed record ElectionListens(DbId Primary, KeeperId Keeper) : Reason
    {
        /// <inheritdoc/>
        public override string Text =>
            $"Primary {Primary} is written down as failed: this sentinel listens for keeper {Keeper} for failInterval before it elects another.";

        /// <inheritdoc/>
        public override bool IsChange => false;
    }

    /// <summary>Proxies close their clients until the new primary is ready (N7).</summary>
    public sealed record ProxiesClosed : Reason
    {
        /// <inheritdoc/>
        public override string Text => "Proxies close their clients until the new primary is ready.";
    }

    /// <summary>Proxies send clients to the primary (N10).</summary>
    /// <param name="Primary">The primary.</param>
    public sealed record ProxiesOpened(DbId Primary) : Reason
    {
        /// <inheritdoc/>
        public override string Text => $"Proxies send clients to {Primary}.";
    }

    /// <summary>Proxies are not opened yet (N10, Q36).</summary>
    /// <param name="Why">Why, as a sentence.</param>
    public sealed record ProxiesWait(string Why) : Reason
    {
        /// <inheritdoc/>
        public override string Text => Why;

        /// <inheritdoc/>
        public override bool IsChange => false;
    }

    /// <summary>The proxies that may forward have changed (N11).</summary>
    /// <param name="Enabled">The proxies.</param>
    public sealed record ProxiesEnabled(ValueList<ProxyId> Enabled) : Reason
    {
        /// <inheritdoc/>
        public override string Text => $"These proxies may forward clients: {Enabled}.";
    }

    /// <summary>A standby cluster becomes an ordinary one (N12).</summary>
    /// <param name="Primary">Its primary.</param>
    public sealed record StandbyClusterPromoted(DbId Primary) : Reason
    {
        /// <inheritdoc/>
        public override string Text => $"The cluster is no standby cluster any more: {Primary} becomes a primary.";
    }

    /// <summary>Nothing is changed until the primary is ready (N13).</summary>
    /// <param name="Primary">The primary.</param>
    /// <param name="Why">What it lacks.</param>
    public sealed record PrimaryNotReady(DbId Primary, string Why) : Reason
    {
        /// <inheritdoc/>
        public override string Text => $"Standbys are left as they are until primary {Primary} is ready: {Why}.";

        /// <inheritdoc/>
        public override bool IsChange => false;
    }

    /// <summary>The document is older than what the keepers have seen, and nothing is decided on it (Q33).</summary>
    /// <param name="Why">How that shows, and what helps.</param>
    public sealed record DocumentRegressed(string Why) : Reason
    {
        /// <inheritdoc/>
        public override bool IsAlarm => true;

        /// <inheritdoc/>
        public override string Text => Why;

        /// <inheritdoc/>
        public override bool IsChange => false;
    }

    /// <summary>An old document was restored, and is lifted above everything that was seen since (Q33).</summary>
    /// <param name="Primary">The running primary on the highest timeline, which the document names from now on.</param>
    /// <param name="Why">How the age showed.</param>
    public sealed record DocumentLifted(DbId Primary, string Why) : Reason
    {
        /// <inheritdoc/>
        public override bool IsAlarm => true;

        /// <inheritdoc/>
        public override string Text => $"An old document was restored ({Why}): it is lifted above what was seen since, with {Primary} as primary.";
    }

    /// <summary>The document names a primary that it does not hold (N2).</summary>
    /// <param name="Primary">The named db; null = none is named.</param>
    public sealed record PrimaryMissing(DbId? Primary) : Reason
    {
        /// <inheritdoc/>
        public override bool IsAlarm => true;

        /// <inheritdoc/>
        public override string Text =>
            $"The document names {Primary?.ToString() ?? "no db"} as primary and holds no such db: nothing is decided. Run init with initMode existing.";

        /// <inheritdoc/>
        public override bool IsChange => false;
    }
}
