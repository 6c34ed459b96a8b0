using static Stolon.Cluster.Codecs;

namespace Stolon.Cluster;

/// <summary>The JSON of reports (M13) and of the keeper's local files (K4).</summary>
internal static class ReportShapes
{
    public static readonly JsonShape<ForeignData> Foreign =
        new JsonShape<ForeignData>(() => new(), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Optional("clusterUid", Text, r => r.ClusterUid, (r, v) => r with { ClusterUid = v })
            .Optional("systemId", Text, r => r.SystemId, (r, v) => r with { SystemId = v })
            .Optional("timeline", Timeline, r => r.Timeline, (r, v) => r with { Timeline = v })
            .Optional("lsn", Codecs.Lsn, r => r.Lsn, (r, v) => r with { Lsn = v });

    public static readonly JsonShape<PostgresState> State =
        new JsonShape<PostgresState>(() => new(), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Optional("uid", DbOrNone, r => r.Uid, (r, v) => r with { Uid = v })
            .Optional("generation", Number, r => r.Generation, (r, v) => r with { Generation = v })
            .Optional("listenAddress", Text, r => r.ListenAddress, (r, v) => r with { ListenAddress = v })
            .Optional("port", Text, r => r.Port, (r, v) => r with { Port = v })
            .Always("healthy", Flag, r => r.Healthy, (r, v) => r with { Healthy = v })
            .Optional("systemID", Text, r => r.SystemId, (r, v) => r with { SystemId = v })
            .Optional("timelineID", Timeline, r => r.TimelineId, (r, v) => r with { TimelineId = v })
            .Optional("xLogPos", Codecs.Lsn, r => r.XLogPos, (r, v) => r with { XLogPos = v })
            .Optional("timelinesHistory", ListOf(DocumentShapes.Switch.Codec), r => r.TimelinesHistory, (r, v) => r with { TimelinesHistory = v })
            .Optional("pgParameters", TextMap, r => r.PgParameters, (r, v) => r with { PgParameters = v })
            .Always("synchronousStandbys", ListOf(Db), r => r.SynchronousStandbys, (r, v) => r with { SynchronousStandbys = v }, v => v.IsNull)
            .Optional("olderWalFile", Text, r => r.OlderWalFile, (r, v) => r with { OlderWalFile = v })
            .Optional("role", Words.Role.OrNull(), r => r.Role, (r, v) => r with { Role = v })
            .Optional("walReceiver", Words.WalReceiver, r => r.WalReceiver, (r, v) => r with { WalReceiver = v })
            .Optional("failedStarts", Count, r => r.FailedStarts, (r, v) => r with { FailedStarts = v })
            .Optional("failedResyncs", Count, r => r.FailedResyncs, (r, v) => r with { FailedResyncs = v })
            .Optional("stalledFor", Duration.OrNull(), r => r.StalledFor, (r, v) => r with { StalledFor = v })
            .Optional("copiedBytes", Number, r => r.CopiedBytes, (r, v) => r with { CopiedBytes = v })
            .Optional("totalBytes", Number, r => r.TotalBytes, (r, v) => r with { TotalBytes = v })
            .Optional("primaryTimelines", ListOf(Timeline), r => r.PrimaryTimelines, (r, v) => r with { PrimaryTimelines = v })
            .Optional("needsResync", Flag, r => r.NeedsResync, (r, v) => r with { NeedsResync = v });

    public static readonly JsonShape<SettingsQuestion> Question =
        new JsonShape<SettingsQuestion>(() => new() { Id = new("") }, r => r.Unknown, (r, u) => r with { Unknown = u })
            .Required("id", Codecs.Question, r => r.Id, (r, v) => r with { Id = v })
            .Optional("pgParameters", TextMap, r => r.PgParameters, (r, v) => r with { PgParameters = v })
            .Optional("pgHBA", ListOf(Text), r => r.PgHba, (r, v) => r with { PgHba = v });

    public static readonly JsonShape<SettingsAnswer> Answer =
        new JsonShape<SettingsAnswer>(() => new(), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Required("question", Codecs.Question, r => r.Question, (r, v) => r with { Question = v })
            .Optional("mistakes", ListOf(Text), r => r.Mistakes, (r, v) => r with { Mistakes = v })
            .Optional("needRestart", ListOf(Text), r => r.NeedRestart, (r, v) => r with { NeedRestart = v });

    private static readonly JsonCodec<LivenessAddress> Liveness = Text.As(LivenessAddress.Parse, address => address.ToString());

    public static readonly JsonShape<Probe> Found =
        new JsonShape<Probe>(() => new() { Uid = "", InfoUid = "" }, r => r.Unknown, (r, u) => r with { Unknown = u })
            .Required("uid", Text, r => r.Uid, (r, v) => r with { Uid = v })
            .Optional("proxy", Flag, r => r.IsProxy, (r, v) => r with { IsProxy = v })
            .Required("infoUID", Text, r => r.InfoUid, (r, v) => r with { InfoUid = v })
            .Optional("bootUUID", Text, r => r.BootUuid, (r, v) => r with { BootUuid = v })
            .Always("connectedAgo", Duration, r => r.ConnectedAgo, (r, v) => r with { ConnectedAgo = v }, _ => false)
            .Always("firstRefusedAgo", Duration, r => r.FirstRefusedAgo, (r, v) => r with { FirstRefusedAgo = v }, _ => false)
            .Always("lastRefusedAgo", Duration, r => r.LastRefusedAgo, (r, v) => r with { LastRefusedAgo = v }, _ => false);

    public static readonly JsonShape<KeeperReport> Keeper =
        new JsonShape<KeeperReport>(() => new() { InfoUid = "", Uid = new("") }, r => r.Unknown, (r, u) => r with { Unknown = u })
            .Required("infoUID", Text, r => r.InfoUid, (r, v) => r with { InfoUid = v })
            .Required("uid", Codecs.Keeper, r => r.Uid, (r, v) => r with { Uid = v })
            .Optional("clusterUID", Text, r => r.ClusterUid, (r, v) => r with { ClusterUid = v })
            .Optional("bootUUID", Text, r => r.BootUuid, (r, v) => r with { BootUuid = v })
            .Always("postgresBinaryVersion", DocumentShapes.Version, r => r.PostgresBinaryVersion, (r, v) => r with { PostgresBinaryVersion = v })
            .Optional("postgresState", State.Codec, r => r.PostgresState!, (r, v) => r with { PostgresState = v })
            .Optional("canBeMaster", Flag.OrNull(), r => r.CanBePrimary, (r, v) => r with { CanBePrimary = v })
            .Optional("canBeSynchronousReplica", Flag.OrNull(), r => r.CanBeSynchronousReplica, (r, v) => r with { CanBeSynchronousReplica = v })
            .Optional("seenRevision", Number, r => r.SeenRevision, (r, v) => r with { SeenRevision = v })
            .Optional("foreignData", Foreign.Codec, r => r.ForeignData!, (r, v) => r with { ForeignData = v })
            .Optional("trouble", Text, r => r.Trouble, (r, v) => r with { Trouble = v })
            .Optional("answers", ListOf(Answer.Codec), r => r.Answers, (r, v) => r with { Answers = v })
            .Optional("capabilities", ListOf(Text), r => r.Capabilities, (r, v) => r with { Capabilities = v })
            .Optional("leaving", Flag, r => r.Leaving, (r, v) => r with { Leaving = v })
            .Optional("switchover", SwitchoverShapes.Answer.Codec, r => r.Switchover!, (r, v) => r with { Switchover = v })
            .Optional("livenessAddress", Liveness, r => r.LivenessAddress, (r, v) => r with { LivenessAddress = v })
            .Optional("probes", ListOf(Found.Codec), r => r.Probes, (r, v) => r with { Probes = v });

    public static readonly JsonShape<ProxyReport> Proxy =
        new JsonShape<ProxyReport>(() => new() { InfoUid = "", Uid = new("") }, r => r.Unknown, (r, u) => r with { Unknown = u })
            .Required("infoUID", Text, r => r.InfoUid, (r, v) => r with { InfoUid = v })
            .Required("UID", Codecs.Proxy, r => r.Uid, (r, v) => r with { Uid = v })
            .Optional("Generation", Number, r => r.Generation, (r, v) => r with { Generation = v })
            .Optional("ProxyTimeout", Nanoseconds, r => r.ProxyTimeout, (r, v) => r with { ProxyTimeout = v })
            .Optional("deadlineFromStart", Flag, r => r.DeadlineFromStart, (r, v) => r with { DeadlineFromStart = v })
            .Optional("closed", Flag, r => r.Closed, (r, v) => r with { Closed = v })
            .Optional("listenAddress", Text, r => r.ListenAddress, (r, v) => r with { ListenAddress = v })
            .Optional("livenessAddress", Liveness, r => r.LivenessAddress, (r, v) => r with { LivenessAddress = v });

    public static readonly JsonShape<SentinelReport> Sentinel =
        new JsonShape<SentinelReport>(() => new() { Uid = new("") }, r => r.Unknown, (r, u) => r with { Unknown = u })
            .Required("UID", Codecs.Sentinel, r => r.Uid, (r, v) => r with { Uid = v });

    public static readonly JsonShape<KeeperState> KeeperState =
        new JsonShape<KeeperState>(() => new(), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Always("UID", KeeperOrNone, r => r.Uid, (r, v) => r with { Uid = v }, _ => false)
            .Always("ClusterUID", Text, r => r.ClusterUid, (r, v) => r with { ClusterUid = v });

    public static readonly JsonShape<DbState> DbState =
        new JsonShape<DbState>(() => new(), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Always("UID", DbOrNone, r => r.Uid, (r, v) => r with { Uid = v }, _ => false)
            .Always("Generation", Number, r => r.Generation, (r, v) => r with { Generation = v })
            .Always("Initializing", Flag, r => r.Initializing, (r, v) => r with { Initializing = v })
            .Always("InitPGParameters", TextMap, r => r.InitPgParameters, (r, v) => r with { InitPgParameters = v })
            .Optional("SeenRevision", Number, r => r.SeenRevision, (r, v) => r with { SeenRevision = v })
            .Optional("PrimaryTimelines", ListOf(Timeline), r => r.PrimaryTimelines, (r, v) => r with { PrimaryTimelines = v });
}
