using static Stolon.Cluster.Codecs;

namespace Stolon.Cluster;

/// <summary>The JSON of the cluster specification and its parts.</summary>
internal static class SpecShapes
{
    public static readonly JsonShape<ArchiveRecoverySettings> Archive =
        new JsonShape<ArchiveRecoverySettings>(() => new(), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Optional("restoreCommand", Text, r => r.RestoreCommand, (r, v) => r with { RestoreCommand = v });

    public static readonly JsonShape<StandbySettings> Standby =
        new JsonShape<StandbySettings>(() => new(), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Optional("primaryConninfo", Text, r => r.PrimaryConnInfo, (r, v) => r with { PrimaryConnInfo = v })
            .Optional("primarySlotName", Text, r => r.PrimarySlotName, (r, v) => r with { PrimarySlotName = v })
            .Optional("recoveryMinApplyDelay", Text, r => r.RecoveryMinApplyDelay, (r, v) => r with { RecoveryMinApplyDelay = v });

    public static readonly JsonShape<RecoveryTargetSettings> RecoveryTarget =
        new JsonShape<RecoveryTargetSettings>(() => new(), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Optional("recoveryTarget", Text, r => r.Target, (r, v) => r with { Target = v })
            .Optional("recoveryTargetLsn", Text, r => r.TargetLsn, (r, v) => r with { TargetLsn = v })
            .Optional("recoveryTargetName", Text, r => r.TargetName, (r, v) => r with { TargetName = v })
            .Optional("recoveryTargetTime", Text, r => r.TargetTime, (r, v) => r with { TargetTime = v })
            .Optional("recoveryTargetXid", Text, r => r.TargetXid, (r, v) => r with { TargetXid = v })
            .Optional("recoveryTargetTimeline", Text, r => r.TargetTimeline, (r, v) => r with { TargetTimeline = v });

    public static readonly JsonShape<NewConfig> New =
        new JsonShape<NewConfig>(() => new(), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Optional("locale", Text, r => r.Locale, (r, v) => r with { Locale = v })
            .Optional("encoding", Text, r => r.Encoding, (r, v) => r with { Encoding = v })
            .Optional("dataChecksums", Flag, r => r.DataChecksums, (r, v) => r with { DataChecksums = v });

    public static readonly JsonShape<PitrConfig> Pitr =
        new JsonShape<PitrConfig>(() => new(), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Optional("dataRestoreCommand", Text, r => r.DataRestoreCommand, (r, v) => r with { DataRestoreCommand = v })
            .Optional("archiveRecoverySettings", Archive.Codec, r => r.ArchiveRecoverySettings!, (r, v) => r with { ArchiveRecoverySettings = v })
            .Optional("recoveryTargetSettings", RecoveryTarget.Codec, r => r.RecoveryTargetSettings!, (r, v) => r with { RecoveryTargetSettings = v });

    public static readonly JsonShape<ExistingConfig> Existing =
        new JsonShape<ExistingConfig>(() => new(), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Optional("keeperUID", KeeperOrNone, r => r.Keeper, (r, v) => r with { Keeper = v });

    public static readonly JsonShape<StandbyConfig> StandbyCluster =
        new JsonShape<StandbyConfig>(() => new(), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Optional("standbySettings", Standby.Codec, r => r.StandbySettings!, (r, v) => r with { StandbySettings = v })
            .Optional("archiveRecoverySettings", Archive.Codec, r => r.ArchiveRecoverySettings!, (r, v) => r with { ArchiveRecoverySettings = v });

    public static readonly JsonShape<FollowConfig> Follow =
        new JsonShape<FollowConfig>(() => new(), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Required("type", Words.FollowType, r => r.Type, (r, v) => r with { Type = v })
            .Optional("dbuid", DbOrNone, r => r.Db, (r, v) => r with { Db = v })
            .Optional("standbySettings", Standby.Codec, r => r.StandbySettings!, (r, v) => r with { StandbySettings = v })
            .Optional("archiveRecoverySettings", Archive.Codec, r => r.ArchiveRecoverySettings!, (r, v) => r with { ArchiveRecoverySettings = v });

    public static readonly JsonShape<ClusterSpec> Spec =
        new JsonShape<ClusterSpec>(() => new(), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Optional("sleepInterval", Duration.OrNull(), r => r.SleepInterval, (r, v) => r with { SleepInterval = v })
            .Optional("requestTimeout", Duration.OrNull(), r => r.RequestTimeout, (r, v) => r with { RequestTimeout = v })
            .Optional("convergenceTimeout", Duration.OrNull(), r => r.ConvergenceTimeout, (r, v) => r with { ConvergenceTimeout = v })
            .Optional("initTimeout", Duration.OrNull(), r => r.InitTimeout, (r, v) => r with { InitTimeout = v })
            .Optional("syncTimeout", Duration.OrNull(), r => r.SyncTimeout, (r, v) => r with { SyncTimeout = v })
            .Optional("dbWaitReadyTimeout", Duration.OrNull(), r => r.DbWaitReadyTimeout, (r, v) => r with { DbWaitReadyTimeout = v })
            .Optional("failInterval", Duration.OrNull(), r => r.FailInterval, (r, v) => r with { FailInterval = v })
            .Optional("deadKeeperRemovalInterval", Duration.OrNull(), r => r.DeadKeeperRemovalInterval, (r, v) => r with { DeadKeeperRemovalInterval = v })
            .Optional("proxyCheckInterval", Duration.OrNull(), r => r.ProxyCheckInterval, (r, v) => r with { ProxyCheckInterval = v })
            .Optional("proxyTimeout", Duration.OrNull(), r => r.ProxyTimeout, (r, v) => r with { ProxyTimeout = v })
            .Optional("maxStandbys", Count.OrNull(), r => r.MaxStandbys, (r, v) => r with { MaxStandbys = v })
            .Optional("maxStandbysPerSender", Count.OrNull(), r => r.MaxStandbysPerSender, (r, v) => r with { MaxStandbysPerSender = v })
            .Optional("maxStandbyLag", Number.OrNull(), r => r.MaxStandbyLag, (r, v) => r with { MaxStandbyLag = v })
            .Optional("synchronousReplication", Flag.OrNull(), r => r.SynchronousReplication, (r, v) => r with { SynchronousReplication = v })
            .Optional("minSynchronousStandbys", Count.OrNull(), r => r.MinSynchronousStandbys, (r, v) => r with { MinSynchronousStandbys = v })
            .Optional("maxSynchronousStandbys", Count.OrNull(), r => r.MaxSynchronousStandbys, (r, v) => r with { MaxSynchronousStandbys = v })
            .Always("additionalWalSenders", Count.OrNull(), r => r.AdditionalWalSenders, (r, v) => r with { AdditionalWalSenders = v })
            .Always("additionalMasterReplicationSlots", ListOf(Text), r => r.AdditionalPrimaryReplicationSlots, (r, v) => r with { AdditionalPrimaryReplicationSlots = v }, v => v.IsNull)
            .Optional("usePgrewind", Flag.OrNull(), r => r.UsePgRewind, (r, v) => r with { UsePgRewind = v })
            .Optional("initMode", Words.SpecInitMode.OrNull(), r => r.InitMode, (r, v) => r with { InitMode = v })
            .Optional("mergePgParameters", Flag.OrNull(), r => r.MergePgParameters, (r, v) => r with { MergePgParameters = v })
            .Optional("role", Words.Role.OrNull(), r => r.Role, (r, v) => r with { Role = v })
            .Optional("newConfig", New.Codec, r => r.NewConfig!, (r, v) => r with { NewConfig = v })
            .Optional("pitrConfig", Pitr.Codec, r => r.PitrConfig!, (r, v) => r with { PitrConfig = v })
            .Optional("existingConfig", Existing.Codec, r => r.ExistingConfig!, (r, v) => r with { ExistingConfig = v })
            .Optional("standbyConfig", StandbyCluster.Codec, r => r.StandbyConfig!, (r, v) => r with { StandbyConfig = v })
            .Optional("defaultSUReplAccessMode", Words.AccessMode.OrNull(), r => r.DefaultSuReplAccessMode, (r, v) => r with { DefaultSuReplAccessMode = v })
            .Optional("pgParameters", TextMap, r => r.PgParameters, (r, v) => r with { PgParameters = v })
            .Always("pgHBA", ListOf(Text).OrNull(), r => r.PgHba, (r, v) => r with { PgHba = v })
            .Always("automaticPgRestart", Flag.OrNull(), r => r.AutomaticPgRestart, (r, v) => r with { AutomaticPgRestart = v })
            .Optional("defaultAuthMethod", Text, r => r.DefaultAuthMethod!, (r, v) => r with { DefaultAuthMethod = v })
            .Optional("failOnRefusal", Flag.OrNull(), r => r.FailOnRefusal, (r, v) => r with { FailOnRefusal = v });
}
