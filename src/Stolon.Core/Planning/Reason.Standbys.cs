using Stolon.Cluster;

namespace Stolon.Planning;

/// <content>What is said about standbys (N14-N17, N23-N27) and about what every db carries (F1).</content>
public abstract partial record Reason
{
    /// <summary>A db is removed; its keeper becomes free (N14-N16, N24).</summary>
    /// <param name="Db">The db.</param>
    /// <param name="Rule">The rule.</param>
    /// <param name="Why">Why, as half a sentence.</param>
    public sealed record DbRemoved(DbId Db, string Rule, string Why) : Reason
    {
        /// <inheritdoc/>
        public override string Text => $"{Db} is removed: {Why} ({Rule}).";
    }

    /// <summary>A free keeper gets a standby (N25).</summary>
    /// <param name="Db">The new db.</param>
    /// <param name="Keeper">The keeper.</param>
    /// <param name="Primary">Whom it copies and follows.</param>
    public sealed record StandbyCreated(DbId Db, KeeperId Keeper, DbId Primary) : Reason
    {
        /// <inheritdoc/>
        public override string Text => $"Keeper {Keeper} is free: it gets a standby, {Db}, copied from {Primary}.";
    }

    /// <summary>A free keeper gets no standby, because it holds data that somebody may miss (Q32).</summary>
    /// <param name="Keeper">The keeper.</param>
    /// <param name="Owner">The uid of the cluster that the data belongs to; empty = not known.</param>
    public sealed record KeeperHoldsForeignData(KeeperId Keeper, string Owner) : Reason
    {
        /// <inheritdoc/>
        public override bool IsAlarm => true;

        /// <inheritdoc/>
        public override string Text =>
            $"Keeper {Keeper} is free but holds data of {(Owner.Length > 0 ? $"cluster {Owner}" : "an unknown cluster")}: it gets no standby. "
            + "Move its data directory away if it shall join this cluster.";

        /// <inheritdoc/>
        public override bool IsChange => false;
    }

    /// <summary>A copy is complete, and its db a standby to rely on (N17).</summary>
    /// <param name="Db">The db.</param>
    public sealed record StandbyCompleted(DbId Db) : Reason
    {
        /// <inheritdoc/>
        public override string Text => $"{Db} has all its data: it is a standby to rely on.";
    }

    /// <summary>A standby is re-pointed (N26).</summary>
    /// <param name="Db">The db.</param>
    /// <param name="Primary">Whom it follows from now on.</param>
    public sealed record StandbyFollows(DbId Db, DbId Primary) : Reason
    {
        /// <inheritdoc/>
        public override string Text => $"{Db} follows {Primary} from now on.";
    }

    /// <summary>The dbs that follow the primary have changed (N27).</summary>
    /// <param name="Primary">The primary.</param>
    /// <param name="Followers">Those that follow it.</param>
    public sealed record FollowersChanged(DbId Primary, ValueList<DbId> Followers) : Reason
    {
        /// <inheritdoc/>
        public override string Text => Followers.Count == 0
            ? $"{Primary} keeps WAL for no standby."
            : $"{Primary} keeps WAL for {Followers}, each in a replication slot.";
    }

    /// <summary>The specification changed, and every db is told (F1).</summary>
    /// <param name="Fields">What of it changed.</param>
    public sealed record SpecificationSpread(ValueList<string> Fields) : Reason
    {
        /// <inheritdoc/>
        public override string Text => $"The specification changed ({string.Join(", ", Fields)}): every db that it concerns is told.";
    }
}
