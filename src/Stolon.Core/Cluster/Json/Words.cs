namespace Stolon.Cluster;

/// <summary>The words of the document for our enums. Here <c>master</c> becomes primary, and nowhere else.</summary>
internal static class Words
{
    public static readonly JsonCodec<Role> Role = Codecs.Word((Cluster.Role.Primary, "master"), (Cluster.Role.Standby, "standby"));

    public static readonly JsonCodec<ClusterPhase> Phase = Codecs.Word(
        (ClusterPhase.Initializing, "initializing"), (ClusterPhase.Normal, "normal"));

    public static readonly JsonCodec<InitMode> InitMode = Codecs.Word(
        (Cluster.InitMode.None, "none"), (Cluster.InitMode.Existing, "existing"), (Cluster.InitMode.New, "new"),
        (Cluster.InitMode.Pitr, "pitr"), (Cluster.InitMode.Resync, "resync"));

    /// <summary>The init modes that a specification may name (M11.3).</summary>
    public static readonly JsonCodec<InitMode> SpecInitMode = Codecs.Word(
        (Cluster.InitMode.New, "new"), (Cluster.InitMode.Existing, "existing"), (Cluster.InitMode.Pitr, "pitr"));

    public static readonly JsonCodec<FollowType> FollowType = Codecs.Word(
        (Cluster.FollowType.Internal, "internal"), (Cluster.FollowType.External, "external"));

    public static readonly JsonCodec<AccessMode> AccessMode = Codecs.Word(
        (Cluster.AccessMode.All, "all"), (Cluster.AccessMode.Strict, "strict"));

    public static readonly JsonCodec<SwitchoverPhase> Switchover = Codecs.Word(
        (SwitchoverPhase.Requested, "requested"), (SwitchoverPhase.Preparing, "preparing"), (SwitchoverPhase.Draining, "draining"),
        (SwitchoverPhase.Stopping, "stopping"), (SwitchoverPhase.Stopped, "stopped"), (SwitchoverPhase.Promoting, "promoting"),
        (SwitchoverPhase.Returning, "returning"));

    public static readonly JsonCodec<WalReceiverState> WalReceiver = Codecs.Word(
        (WalReceiverState.Unknown, "unknown"), (WalReceiverState.Streaming, "streaming"), (WalReceiverState.Gone, "gone"));
}
