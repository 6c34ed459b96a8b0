using Stolon.Cluster;
using Stolon.Planning;
using static Stolon.Core.Tests.Planning.Story;

namespace Stolon.Core.Tests.Planning;

/// <summary>A healthy cluster with a proxy, whose keepers take part in switchovers, walked through one step by step.</summary>
internal static class SwitchoverStory
{
    /// <summary>The source stops at this position; its last record lies behind it.</summary>
    public static readonly StopPoint Stop = new(1, new Lsn(2000));

    public static Switchover? Switchover(this Story story) => story.Data.Cluster.Status.Switchover;

    public static Story Ready(int keepers = 3, Func<ClusterSpec, ClusterSpec>? spec = null)
    {
        var story = Healthy(keepers, spec);
        for (var n = 1; n <= keepers; n++)
        {
            story.Reports(n, keeper: report => report with { Capabilities = [KeeperReport.SwitchoverCapability] });
            if (n > 1)
            {
                story.Reports(n, state => state with { WalReceiver = WalReceiverState.Streaming });
            }
        }

        return story.Proxied();
    }

    /// <summary>Synchronous, with db2 in sync.</summary>
    public static Story Synchronous(int keepers = 3)
    {
        var story = Ready(keepers, spec => spec with { SynchronousReplication = true });
        for (var round = 0; round < 8; round++)
        {
            story.Converge().Reports(1, state => state with { SynchronousStandbys = story.Data.Databases[Db(1)].Spec.SynchronousStandbys });
            story.Pass();
        }

        story.Data.Databases[Db(1)].Status.SynchronousStandbys.Should().Equal(Db(2));
        return story.Proxied();
    }

    /// <summary>The proxy obeys the newest generation, and clients are in.</summary>
    public static Story Proxied(this Story story)
    {
        for (var round = 0; round < 4; round++)
        {
            story.Proxy("p1", story.Data.Proxy.Generation).Heartbeats();
            story.Pass();
        }

        story.Data.Proxy.Spec.PrimaryDb.Should().Be(story.Data.Cluster.Status.Primary);
        return story;
    }

    public static Story Asks(this Story story, int? target = 2) =>
        story.Edit(data => data with
        {
            Cluster = data.Cluster with
            {
                Status = data.Cluster.Status with
                {
                    Switchover = new Switchover
                    {
                        Id = "5a5a5a5a",
                        Source = Db(1),
                        Target = target is { } n ? Db(n) : null,
                        StartedAt = Timestamp.From(story.Time.Wall),
                    },
                },
            },
        });

    /// <summary>The source's keeper says something to the switchover.</summary>
    public static Story Answers(this Story story, string trouble = "", StopPoint? stopped = null) =>
        story.Reports(1, keeper: report => report with
        {
            Switchover = new SwitchoverAnswer("5a5a5a5a", trouble) { StoppedAt = stopped },
            PostgresState = stopped is null ? report.PostgresState : report.PostgresState! with { Healthy = false, Role = null },
        });

    /// <summary>Plans until nothing moves by itself.</summary>
    public static IReadOnlyList<Reason> Moves(this Story story)
    {
        var reasons = new List<Reason>();
        for (var round = 0; round < 6; round++)
        {
            story.Waits(0.01);
            reasons.AddRange(story.Pass().Reasons.Where(reason => reason.IsChange));
        }

        return reasons;
    }

    /// <summary>Asked for and accepted: the source prepares.</summary>
    public static Story Preparing(this Story story, int? target = 2)
    {
        story.Asks(target).Moves();
        return story.IsAt(SwitchoverPhase.Preparing);
    }

    /// <summary>Clients are being closed out.</summary>
    public static Story Draining(this Story story)
    {
        story.Preparing().Answers().Moves();
        return story.IsAt(SwitchoverPhase.Draining);
    }

    /// <summary>The source is to stop.</summary>
    public static Story Stopping(this Story story)
    {
        story.Draining().Proxy("p1", story.Data.Proxy.Generation).Moves();
        return story.IsAt(SwitchoverPhase.Stopping);
    }

    /// <summary>The source has stopped, and nobody is known to have all of its WAL.</summary>
    public static Story Stopped(this Story story)
    {
        story.Stopping().Answers(stopped: Stop).Moves();
        return story.IsAt(SwitchoverPhase.Stopped);
    }

    /// <summary>The target is told to be the primary.</summary>
    public static Story Promoting(this Story story)
    {
        story.Stopped().Has(2, 2001).Moves();
        return story.IsAt(SwitchoverPhase.Promoting);
    }

    /// <summary>A standby reports that it receives no more, and how far it is.</summary>
    public static Story Has(this Story story, int n, ulong position, uint timeline = 1) =>
        story.Reports(n, state => state with { XLogPos = new Lsn(position), TimelineId = timeline, WalReceiver = WalReceiverState.Gone });

    /// <summary>The target is the primary of the next timeline.</summary>
    public static Story IsPromoted(this Story story, int n) =>
        story.Reports(n, state => state with
        {
            Generation = story.Data.Databases[Db(n)].Generation,
            Role = Role.Primary,
            TimelineId = 2,
            XLogPos = new Lsn(2100),
            TimelinesHistory = [new TimelineSwitch(1, new Lsn(2050), "")],
            WalReceiver = WalReceiverState.Unknown,
        });

    private static Story IsAt(this Story story, SwitchoverPhase phase)
    {
        story.Switchover()?.Phase.Should().Be(phase);
        story.Switchover().Should().NotBeNull();
        return story;
    }
}
