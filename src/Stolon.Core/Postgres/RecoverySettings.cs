using Stolon.Cluster;

namespace Stolon.Postgres;

/// <summary>How an instance recovers or follows. Rules C1 to C3.</summary>
/// <param name="Signal">The signal file.</param>
/// <param name="Parameters">Its parameters; they belong into <c>postgresql.conf</c> unless <paramref name="Signal"/> is none.</param>
public sealed record RecoverySettings(RecoverySignal Signal, ValueMap<string, string> Parameters)
{
    /// <summary>A primary: nothing to recover from.</summary>
    public static readonly RecoverySettings None = new(RecoverySignal.None, ValueMap<string, string>.Empty);

    /// <summary>Whether a parameter is one of recovery (C1).</summary>
    /// <param name="name">Its name.</param>
    /// <returns>True if so.</returns>
    public static bool IsOne(string name) => ManagedParameters.Recovery.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>A standby of another db of the cluster.</summary>
    /// <param name="self">The standby's own db: it names the slot and the application (M4).</param>
    /// <param name="upstream">The followed server; its application name is replaced by ours.</param>
    /// <param name="passFile">The file with the replication user's password, 0600; null = no password (trust).</param>
    /// <returns>The settings.</returns>
    public static RecoverySettings Following(DbId self, ConnInfo upstream, string? passFile) =>
        new(RecoverySignal.Standby, ValueMap<string, string>.Empty
            .With("primary_conninfo", ConnInfoText.Render(upstream with { ApplicationName = ObjectNames.Of(self) }, passFile))
            .With("primary_slot_name", ObjectNames.Of(self))
            .With("recovery_target_timeline", "latest"));

    /// <summary>A standby of a server outside the cluster.</summary>
    /// <param name="standby">How to connect; null = it does not, it reads the archive.</param>
    /// <param name="archive">Where WAL can be fetched; null = nowhere.</param>
    /// <returns>The settings.</returns>
    public static RecoverySettings FollowingOutside(StandbySettings? standby, ArchiveRecoverySettings? archive) =>
        new(RecoverySignal.Standby, Standby(standby).SetItems(Archive(archive)).With("recovery_target_timeline", "latest"));

    /// <summary>A restore from a backup (K26): up to its target, or as a standby that follows the outside.</summary>
    /// <param name="config">The restore.</param>
    /// <param name="follow">What the db follows; null = nothing.</param>
    /// <returns>The settings.</returns>
    public static RecoverySettings Restoring(PitrConfig config, FollowConfig? follow) =>
        follow?.Type == FollowType.External
            ? new(RecoverySignal.Standby, Standby(follow.StandbySettings).SetItems(Restore(config)))
            : new(RecoverySignal.Recovery, Restore(config));

    /// <summary>All that is written for an instance that recovers so (C3).</summary>
    /// <param name="parameters">Its other parameters; recovery parameters win.</param>
    /// <param name="hba">Its lines of <c>pg_hba.conf</c>.</param>
    /// <returns>The configuration.</returns>
    public ServerConfiguration With(ValueMap<string, string> parameters, ValueList<string> hba) =>
        new(Signal == RecoverySignal.None ? parameters : parameters.SetItems(Parameters), hba, Signal);

    private static ValueMap<string, string> Standby(StandbySettings? settings) => NonEmpty(
        ("primary_conninfo", settings?.PrimaryConnInfo),
        ("primary_slot_name", settings?.PrimarySlotName),
        ("recovery_min_apply_delay", settings?.RecoveryMinApplyDelay));

    private static ValueMap<string, string> Restore(PitrConfig config) =>
        Archive(config.ArchiveRecoverySettings).SetItems(Target(config.RecoveryTargetSettings));

    private static ValueMap<string, string> Archive(ArchiveRecoverySettings? settings) =>
        NonEmpty(("restore_command", settings?.RestoreCommand));

    private static ValueMap<string, string> Target(RecoveryTargetSettings? target) =>
        target is null
            ? ValueMap<string, string>.Empty.With("recovery_target_timeline", "latest")
            : NonEmpty(
                ("recovery_target", target.Target),
                ("recovery_target_lsn", target.TargetLsn),
                ("recovery_target_name", target.TargetName),
                ("recovery_target_time", target.TargetTime),
                ("recovery_target_xid", target.TargetXid),
                ("recovery_target_timeline", target.TargetTimeline)).With("recovery_target_action", "promote");

    private static ValueMap<string, string> NonEmpty(params ReadOnlySpan<(string Name, string? Value)> entries)
    {
        var map = ValueMap<string, string>.Empty;
        foreach (var (name, value) in entries)
        {
            map = string.IsNullOrEmpty(value) ? map : map.With(name, value);
        }

        return map;
    }
}
