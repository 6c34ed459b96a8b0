using static Stolon.Cluster.Codecs;

namespace Stolon.Cluster;

/// <summary>The JSON of the document (M6-M9, M13).</summary>
internal static class DocumentShapes
{
    public static readonly JsonShape<TimelineSwitch> Switch =
        new JsonShape<TimelineSwitch>(() => new(0, default, ""), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Optional("timelineID", Timeline, r => r.TimelineId, (r, v) => r with { TimelineId = v })
            .Optional("switchPoint", Codecs.Lsn, r => r.SwitchPoint, (r, v) => r with { SwitchPoint = v })
            .Optional("reason", Text, r => r.Reason, (r, v) => r with { Reason = v });

    public static readonly JsonCodec<BinaryVersion> Version =
        new JsonShape<VersionParts>(() => new(0, 0), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Optional("Maj", Count, r => r.Major, (r, v) => r with { Major = v })
            .Optional("Min", Count, r => r.Minor, (r, v) => r with { Minor = v })
            .Codec.As(
                parts => new BinaryVersion(parts.Major, parts.Minor) { Unknown = parts.Unknown == UnknownMembers.None ? null : parts.Unknown },
                version => new VersionParts(version.Major, version.Minor) { Unknown = version.Unknown ?? UnknownMembers.None });

    public static readonly JsonShape<KeeperStatus> KeeperStatus =
        new JsonShape<KeeperStatus>(() => new(), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Optional("healthy", Flag, r => r.Healthy, (r, v) => r with { Healthy = v })
            .Always("lastHealthyTime", Time, r => r.LastHealthyTime, (r, v) => r with { LastHealthyTime = v })
            .Optional("bootUUID", Text, r => r.BootUuid, (r, v) => r with { BootUuid = v })
            .Always("postgresBinaryVersion", Version, r => r.PostgresBinaryVersion, (r, v) => r with { PostgresBinaryVersion = v })
            .Optional("forceFail", Flag, r => r.ForceFail, (r, v) => r with { ForceFail = v })
            .Optional("canBeMaster", Flag.OrNull(), r => r.CanBePrimary, (r, v) => r with { CanBePrimary = v })
            .Optional("canBeSynchronousReplica", Flag.OrNull(), r => r.CanBeSynchronousReplica, (r, v) => r with { CanBeSynchronousReplica = v });

    public static readonly JsonShape<KeeperRecord> Keeper =
        new JsonShape<KeeperRecord>(() => new() { Uid = new("") }, r => r.Unknown, (r, u) => r with { Unknown = u })
            .Required("uid", Codecs.Keeper, r => r.Uid, (r, v) => r with { Uid = v })
            .Always("generation", Number, r => r.Generation, (r, v) => r with { Generation = v })
            .Always("changeTime", Time, r => r.ChangeTime, (r, v) => r with { ChangeTime = v })
            .Opaque("spec")
            .Always("status", KeeperStatus.Codec, r => r.Status, (r, v) => r with { Status = v });

    public static readonly JsonShape<DatabaseSpec> DbSpec =
        new JsonShape<DatabaseSpec>(() => new() { Keeper = new(""), Followers = default }, r => r.Unknown, (r, u) => r with { Unknown = u })
            .Required("keeperUID", Codecs.Keeper, r => r.Keeper, (r, v) => r with { Keeper = v })
            .Optional("requestTimeout", Duration.OrNull(), r => r.RequestTimeout, (r, v) => r with { RequestTimeout = v })
            .Optional("maxStandbys", Count.OrNull(), r => r.MaxStandbys, (r, v) => r with { MaxStandbys = v })
            .Optional("synchronousReplication", Flag, r => r.SynchronousReplication, (r, v) => r with { SynchronousReplication = v })
            .Optional("usePgrewind", Flag, r => r.UsePgRewind, (r, v) => r with { UsePgRewind = v })
            .Always("additionalWalSenders", Count.OrNull(), r => r.AdditionalWalSenders, (r, v) => r with { AdditionalWalSenders = v })
            .Always("additionalReplicationSlots", ListOf(Text), r => r.AdditionalReplicationSlots, (r, v) => r with { AdditionalReplicationSlots = v }, v => v.IsNull)
            .Always("initMode", Words.InitMode, r => r.InitMode, (r, v) => r with { InitMode = v })
            .Optional("newConfig", SpecShapes.New.Codec, r => r.NewConfig!, (r, v) => r with { NewConfig = v })
            .Optional("pitrConfig", SpecShapes.Pitr.Codec, r => r.PitrConfig!, (r, v) => r with { PitrConfig = v })
            .Optional("pgParameters", TextMap, r => r.PgParameters, (r, v) => r with { PgParameters = v })
            .Always("pgHBA", ListOf(Text).OrNull(), r => r.PgHba, (r, v) => r with { PgHba = v })
            .Always("role", Words.Role, r => r.Role, (r, v) => r with { Role = v })
            .Optional("followConfig", SpecShapes.Follow.Codec, r => r.Follow!, (r, v) => r with { Follow = v })
            .Always("followers", ListOf(Db), r => r.Followers, (r, v) => r with { Followers = v }, v => v.IsNull)
            .Optional("includePreviousConfig", Flag, r => r.IncludePreviousConfig, (r, v) => r with { IncludePreviousConfig = v })
            .Always("synchronousStandbys", ListOf(Db), r => r.SynchronousStandbys, (r, v) => r with { SynchronousStandbys = v }, v => v.IsNull)
            .Always("externalSynchronousStandbys", ListOf(Text), r => r.ExternalSynchronousStandbys, (r, v) => r with { ExternalSynchronousStandbys = v }, v => v.IsNull);

    public static readonly JsonShape<DatabaseStatus> DbStatus =
        new JsonShape<DatabaseStatus>(() => new(), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Optional("healthy", Flag, r => r.Healthy, (r, v) => r with { Healthy = v })
            .Optional("currentGeneration", Number, r => r.CurrentGeneration, (r, v) => r with { CurrentGeneration = v })
            .Optional("listenAddress", Text, r => r.ListenAddress, (r, v) => r with { ListenAddress = v })
            .Optional("port", Text, r => r.Port, (r, v) => r with { Port = v })
            .Optional("systemdID", Text, r => r.SystemId, (r, v) => r with { SystemId = v })
            .Optional("timelineID", Timeline, r => r.TimelineId, (r, v) => r with { TimelineId = v })
            .Optional("xLogPos", Codecs.Lsn, r => r.XLogPos, (r, v) => r with { XLogPos = v })
            .Optional("timelinesHistory", ListOf(Switch.Codec), r => r.TimelinesHistory, (r, v) => r with { TimelinesHistory = v })
            .Optional("pgParameters", TextMap, r => r.PgParameters, (r, v) => r with { PgParameters = v })
            .Always("synchronousStandbys", ListOf(Db), r => r.SynchronousStandbys, (r, v) => r with { SynchronousStandbys = v }, v => v.IsNull)
            .Optional("olderWalFile", Text, r => r.OlderWalFile, (r, v) => r with { OlderWalFile = v })
            .Optional("primaryTimelines", ListOf(Timeline), r => r.PrimaryTimelines, (r, v) => r with { PrimaryTimelines = v });

    public static readonly JsonShape<Database> Database =
        new JsonShape<Database>(() => new() { Uid = new(""), Spec = new() { Keeper = new("") } }, r => r.Unknown, (r, u) => r with { Unknown = u })
            .Required("uid", Db, r => r.Uid, (r, v) => r with { Uid = v })
            .Always("generation", Number, r => r.Generation, (r, v) => r with { Generation = v })
            .Always("changeTime", Time, r => r.ChangeTime, (r, v) => r with { ChangeTime = v })
            .Required("spec", DbSpec.Codec, r => r.Spec, (r, v) => r with { Spec = v })
            .Always("status", DbStatus.Codec, r => r.Status, (r, v) => r with { Status = v });

    public static readonly JsonShape<ProxySpec> ProxySpec =
        new JsonShape<ProxySpec>(() => new(), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Optional("masterDbUid", DbOrNone, r => r.PrimaryDb, (r, v) => r with { PrimaryDb = v })
            .Optional("enabledProxies", ListOf(Codecs.Proxy), r => r.EnabledProxies, (r, v) => r with { EnabledProxies = v });

    public static readonly JsonShape<ProxyRecord> Proxy =
        new JsonShape<ProxyRecord>(() => new(), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Optional("uid", Text, r => r.Uid, (r, v) => r with { Uid = v })
            .Optional("generation", Number, r => r.Generation, (r, v) => r with { Generation = v })
            .Always("changeTime", Time, r => r.ChangeTime, (r, v) => r with { ChangeTime = v })
            .Always("spec", ProxySpec.Codec, r => r.Spec, (r, v) => r with { Spec = v })
            .Opaque("status");

    public static readonly JsonShape<ClusterStatus> ClusterStatus =
        new JsonShape<ClusterStatus>(() => new(), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Always("phase", Words.Phase, r => r.Phase, (r, v) => r with { Phase = v })
            .Optional("master", DbOrNone, r => r.Primary, (r, v) => r with { Primary = v })
            .Optional("lastFailedInitKeeper", KeeperOrNone, r => r.LastFailedInitKeeper, (r, v) => r with { LastFailedInitKeeper = v })
            .Optional("discardData", Flag, r => r.DiscardData, (r, v) => r with { DiscardData = v })
            .Optional("discardSystemIDs", ListOf(Text), r => r.DiscardSystemIds, (r, v) => r with { DiscardSystemIds = v })
            .Optional("switchover", SwitchoverShapes.Switchover.Codec, r => r.Switchover!, (r, v) => r with { Switchover = v });

    public static readonly JsonShape<ClusterRecord> Cluster =
        new JsonShape<ClusterRecord>(() => new() { Uid = "" }, r => r.Unknown, (r, u) => r with { Unknown = u })
            .Required("uid", Text, r => r.Uid, (r, v) => r with { Uid = v })
            .Always("generation", Number, r => r.Generation, (r, v) => r with { Generation = v })
            .Always("changeTime", Time, r => r.ChangeTime, (r, v) => r with { ChangeTime = v })
            .Required("spec", SpecShapes.Spec.Codec, r => r.Spec, (r, v) => r with { Spec = v })
            .Required("status", ClusterStatus.Codec, r => r.Status, (r, v) => r with { Status = v });

    public static readonly JsonShape<ClusterData> Data =
        new JsonShape<ClusterData>(() => new() { Cluster = new() { Uid = "" } }, r => r.Unknown, (r, u) => r with { Unknown = u })
            .Required("formatVersion", Count, r => r.FormatVersion, (r, v) => r with { FormatVersion = v })
            .Always("changeTime", Time, r => r.ChangeTime, (r, v) => r with { ChangeTime = v })
            .Required("cluster", Cluster.Codec, r => r.Cluster, (r, v) => r with { Cluster = v })
            .Always("keepers", MapOf(Keeper.Codec, key => new KeeperId(key), key => key.Value), r => r.Keepers, (r, v) => r with { Keepers = v })
            .Always("dbs", MapOf(Database.Codec, key => new DbId(key), key => key.Value), r => r.Databases, (r, v) => r with { Databases = v })
            .Always("proxy", Proxy.Codec, r => r.Proxy, (r, v) => r with { Proxy = v })
            .Optional("revision", Number, r => r.Revision, (r, v) => r with { Revision = v });

    private sealed record VersionParts(int Major, int Minor)
    {
        public UnknownMembers Unknown { get; init; } = UnknownMembers.None;
    }
}
