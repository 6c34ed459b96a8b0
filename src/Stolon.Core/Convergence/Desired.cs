using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Convergence;

/// <summary>What the document asks of one keeper.</summary>
public sealed record Desired
{
    /// <summary>The document.</summary>
    public required ClusterData Data { get; init; }

    /// <summary>The keeper that reads it.</summary>
    public required KeeperId Self { get; init; }

    /// <summary>The keeper's db; null = none is assigned.</summary>
    public required Database? Db { get; init; }

    /// <summary>The configuration with clients let in; null when it cannot be made yet (K20: the followed db is not known).</summary>
    public required ServerConfiguration? Open { get; init; }

    /// <summary>The configuration with clients kept out (H5); null when <see cref="Open"/> is.</summary>
    public required ServerConfiguration? Closed { get; init; }

    /// <summary>The db that ours follows, when it follows one of this cluster and that one exists.</summary>
    public Database? Followed => Db?.Spec.Follow?.Db is { } followed ? Data.Databases.Find(followed) : null;

    /// <summary>Our db is the primary, not merely a db whose role is primary (Q40).</summary>
    public bool IsThePrimary => Db is not null && Data.Cluster.Status.Primary == Db.Uid;

    /// <summary>The switchover for which our db, the primary, shall stop and stay stopped; null = none.</summary>
    public Switchover? StandsDownFor =>
        IsThePrimary && Data.Cluster.Status.Switchover is { } switchover && switchover.KeepsStopped(Db!.Uid) ? switchover : null;

    /// <summary>The switchover that our db, the primary, shall be prepared for; null = none.</summary>
    public Switchover? PreparesFor =>
        IsThePrimary && Data.Cluster.Status.Switchover is { Phase: SwitchoverPhase.Preparing } switchover && switchover.Source == Db!.Uid ? switchover : null;

    /// <summary>
    /// Whether a later document still asks for what a long step does: the same data from the same place, and the lead if this one gave it.
    /// </summary>
    /// <param name="later">What the later document asks for.</param>
    /// <returns>False when the step has to be given up.</returns>
    public bool IsStillAskedBy(Desired later) =>
        Data.Cluster.Uid == later.Data.Cluster.Uid
        && Db?.Uid == later.Db?.Uid
        && Db?.Spec.Follow?.Db == later.Db?.Spec.Follow?.Db
        && Followed?.Status.ListenAddress == later.Followed?.Status.ListenAddress
        && Followed?.Status.Port == later.Followed?.Status.Port
        && (later.IsThePrimary || !IsThePrimary)
        && PreparesFor?.Id == later.PreparesFor?.Id;

    /// <summary>The names of the slots that our db shall have (K24).</summary>
    public ValueList<string> Slots => Db is null ? [] : ObjectNames.WantedSlots(Db.Spec, Db.Uid).ToValueList();
}
