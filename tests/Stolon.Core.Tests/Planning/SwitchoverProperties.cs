using CsCheck;
using Stolon.Cluster;
using Stolon.Planning;
using static Stolon.Core.Tests.Planning.Story;

namespace Stolon.Core.Tests.Planning;

/// <summary>What holds after every pass of a switchover, whatever happens to keepers, proxies and sentinels meanwhile.</summary>
public sealed class SwitchoverProperties
{
    private const int Keepers = 3;

    private static readonly Gen<(int Kind, int Keeper, int Amount)[]> Events =
        Gen.Select(Gen.Int[0, 13], Gen.Int[1, Keepers], Gen.Int[0, 12]).Array[10, 60];

    [Theory, Trait("Rule", "S2")]
    [InlineData(false)]
    [InlineData(true)]
    public void Once_it_is_known_where_the_source_stopped_nobody_who_has_less_becomes_primary(bool synchronous) =>
        Check(synchronous, (before, story, plan) =>
        {
            var (was, becomes) = (before.Cluster.Status.Primary!.Value, plan.Next.Cluster.Status.Primary!.Value);
            return before.Cluster.Status.Switchover is not { IsUnderWay: true, StoppedAt: { } stopped } switchover || was == becomes || becomes == switchover.Source
                || (story.Memory.StateOf(before.Databases[becomes]) is { } state && state.TimelineId == stopped.Timeline && state.XLogPos > stopped.Checkpoint);
        });

    [Theory, Trait("Rule", "S1"), Trait("Rule", "N10")]
    [InlineData(false)]
    [InlineData(true)]
    public void Clients_are_out_until_it_has_ended(bool synchronous) =>
        Check(synchronous, (_, _, plan) => plan.Next.Cluster.Status.Switchover is not { IsUnderWay: true } || plan.Next.Proxy.Spec.PrimaryDb is null);

    [Theory, Trait("Rule", "S6")]
    [InlineData(false)]
    [InlineData(true)]
    public void A_primary_that_a_switchover_made_or_took_back_has_to_converge_to_that(bool synchronous) =>
        Check(synchronous, (before, _, plan) =>
            (before.Cluster.Status.Primary == plan.Next.Cluster.Status.Primary && plan.Next.Cluster.Status.Switchover is not { Phase: SwitchoverPhase.Returning })
            || before.Cluster.Status.Switchover is not { IsUnderWay: true, Phase: not SwitchoverPhase.Returning }
            || !plan.Next.Primary!.Converged);

    [Theory, Trait("Rule", "S12")]
    [InlineData(false)]
    [InlineData(true)]
    public void When_everybody_is_back_it_ends_by_itself(bool synchronous) =>
        Events.Sample(
            events =>
            {
                var story = Start(synchronous);
                Array.ForEach(events, happening => Happen(story, happening));
                for (var round = 0; round < 60 && story.Switchover() is not null; round++)
                {
                    Recover(story);
                }

                return story.Switchover() is null && story.Data.Primary is not null;
            },
            iter: 200);

    private static void Check(bool synchronous, Func<ClusterData, Story, Plan, bool> holds) =>
        Events.Sample(
            events =>
            {
                var story = Start(synchronous);
                return Array.TrueForAll(events, happening =>
                {
                    Happen(story, happening);
                    var before = story.Data;
                    return holds(before, story, story.Pass());
                });
            },
            iter: 500);

    private static Story Start(bool synchronous) => (synchronous ? SwitchoverStory.Synchronous() : SwitchoverStory.Ready()).Asks();

    private static void Happen(Story story, (int Kind, int Keeper, int Amount) happening)
    {
        var (kind, n, amount) = happening;
        switch (kind)
        {
            case 0:
                story.Silences(n);
                break;
            case 1:
                story.Reports(n);
                break;
            case 2 or 3:
                story.Has(n, 1995 + (ulong)amount);
                break;
            case 4:
                story.Answers();
                break;
            case 5 or 6:
                story.Answers(stopped: SwitchoverStory.Stop);
                break;
            case 7 or 8:
                story.Proxy("p1", story.Data.Proxy.Generation);
                break;
            case 9:
                story.Converge(n);
                break;
            case 10:
                story.Leader = new SentinelId($"s{n}");
                break;
            case 11:
                story.SentinelRestarts().Heartbeats();
                break;
            case 12 when story.Switchover() is { Phase: SwitchoverPhase.Promoting } && story.Data.Primary!.Spec.Keeper == Keeper(n):
                story.IsPromoted(n);
                break;
            default:
                story.Waits(amount / 4.0).Heartbeats();
                break;
        }

        story.Waits(0.05).Pass();
    }

    /// <summary>Everybody reports, does what the document asks, and has all WAL.</summary>
    private static void Recover(Story story)
    {
        story.Waits(0.5);
        for (var n = 1; n <= Keepers; n++)
        {
            var db = story.Data.DatabaseOf(Keeper(n));
            if (story.Switchover() is { Phase: SwitchoverPhase.Preparing } preparing && db?.Uid == preparing.Source)
            {
                story.Answers();
            }
            else if (story.Switchover() is { } switchover && db is not null && switchover.KeepsStopped(db.Uid))
            {
                story.Answers(stopped: SwitchoverStory.Stop);
            }
            else if (db is not null && db.Uid == story.Data.Cluster.Status.Primary && story.Switchover() is { Phase: SwitchoverPhase.Promoting })
            {
                story.IsPromoted(n);
            }
            else
            {
                story.Converge(n);
                if (db is not null && db.Uid != story.Data.Cluster.Status.Primary)
                {
                    story.Has(n, 2010);
                }
            }
        }

        story.Proxy("p1", story.Data.Proxy.Generation).Heartbeats().Pass();
    }
}
