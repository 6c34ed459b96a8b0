using static Stolon.Cluster.Codecs;

namespace Stolon.Cluster;

/// <summary>The JSON of a switchover, and of what keepers say to it (ours; architecture, section 7).</summary>
internal static class SwitchoverShapes
{
    public static readonly JsonShape<StopPoint> StopPoint =
        new JsonShape<StopPoint>(() => new(0, default), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Required("timeline", Timeline, r => r.Timeline, (r, v) => r with { Timeline = v })
            .Required("checkpoint", Codecs.Lsn, r => r.Checkpoint, (r, v) => r with { Checkpoint = v });

    public static readonly JsonShape<SwitchoverAnswer> Answer =
        new JsonShape<SwitchoverAnswer>(() => new("", ""), r => r.Unknown, (r, u) => r with { Unknown = u })
            .Required("id", Text, r => r.Id, (r, v) => r with { Id = v })
            .Optional("trouble", Text, r => r.Trouble, (r, v) => r with { Trouble = v })
            .Optional("stoppedAt", StopPoint.Codec, r => r.StoppedAt!, (r, v) => r with { StoppedAt = v });

    public static readonly JsonShape<Switchover> Switchover =
        new JsonShape<Switchover>(() => new() { Id = "", Source = new("") }, r => r.Unknown, (r, u) => r with { Unknown = u })
            .Required("id", Text, r => r.Id, (r, v) => r with { Id = v })
            .Required("phase", Words.Switchover, r => r.Phase, (r, v) => r with { Phase = v })
            .Required("source", Db, r => r.Source, (r, v) => r with { Source = v })
            .Optional("target", DbOrNone, r => r.Target, (r, v) => r with { Target = v })
            .Optional("sourceGeneration", Number, r => r.SourceGeneration, (r, v) => r with { SourceGeneration = v })
            .Always("startedAt", Time, r => r.StartedAt, (r, v) => r with { StartedAt = v })
            .Optional("limit", Duration.OrNull(), r => r.Limit, (r, v) => r with { Limit = v })
            .Optional("stoppedAt", StopPoint.Codec, r => r.StoppedAt!, (r, v) => r with { StoppedAt = v })
            .Optional("leader", SentinelOrNone, r => r.Leader, (r, v) => r with { Leader = v })
            .Optional("leaderChanges", Count, r => r.LeaderChanges, (r, v) => r with { LeaderChanges = v });
}
