using CsCheck;
using Stolon.Cluster;
using Stolon.Planning;
using static Stolon.Core.Tests.Planning.Story;

namespace Stolon.Core.Tests.Planning;

/// <summary>What holds after every pass of any story: keepers fall silent, come back, lag, are in sync or ill, and sentinels restart.</summary>
public sealed class PlanProperties
{
    private const int Keepers = 4;

    private static readonly Gen<(int Kind, int Keeper, int Amount)[]> Events =
        Gen.Select(Gen.Int[0, 11], Gen.Int[1, Keepers], Gen.Int[1, 12]).Array[5, 40];

    [Fact, Trait("Rule", "S2"), Trait("Rule", "N4")]
    public void With_synchronous_replication_only_a_standby_with_every_acknowledged_commit_is_elected() =>
        Check(synchronous: true, (before, _, plan) =>
        {
            var old = before.Primary!;
            var elected = plan.Next.Cluster.Status.Primary!.Value;
            return elected == old.Uid || !old.Spec.SynchronousReplication || Lifted(plan)
                || (old.Status.SynchronousStandbys.Contains(elected) && old.Spec.SynchronousStandbys.Contains(elected));
        });

    [Theory, Trait("Rule", "S3")]
    [InlineData(false)]
    [InlineData(true)]
    public void Among_those_that_may_be_elected_the_one_with_the_most_WAL_is(bool synchronous) =>
        Check(synchronous, (before, observed, plan) =>
        {
            var elected = plan.Next.Cluster.Status.Primary!.Value;
            var rejected = plan.Reasons.OfType<Reason.CandidateRejected>().Where(reason => reason.Rule is not ("Q5" or "Q14")).Select(reason => reason.Db).Append(before.Primary!.Uid).ToHashSet();
            return elected == before.Primary.Uid || Lifted(plan) || observed.Databases.Values.Where(db => !rejected.Contains(db.Uid))
                .All(db => db.Status.XLogPos <= observed.Databases[elected].Status.XLogPos);
        });

    [Theory, Trait("Rule", "S6"), Trait("Rule", "Q33")]
    [InlineData(false)]
    [InlineData(true)]
    public void Generations_and_the_revision_never_go_back(bool synchronous) =>
        Check(synchronous, (before, _, plan) =>
            plan.Next.Revision > before.Revision && plan.Next.Proxy.Generation >= before.Proxy.Generation
            && before.Databases.Values.All(db => plan.Next.Databases.Find(db.Uid) is not { } next || next.Generation >= db.Generation));

    [Fact, Trait("Rule", "S8"), Trait("Rule", "N21")]
    public void One_change_of_the_synchronous_set_is_in_flight() =>
        Check(synchronous: true, (before, observed, plan) =>
        {
            var (old, next) = (before.Primary!, plan.Next.Primary!);
            if (old.Uid != next.Uid || Same(old.Spec.SynchronousStandbys, next.Spec.SynchronousStandbys))
            {
                return true;
            }

            var known = old.Status.SynchronousStandbys.Union(observed.Databases[old.Uid].Status.CurrentSynchronousStandbys)
                .Intersect(old.Spec.SynchronousStandbys).ToValueList();
            return Same(old.Spec.SynchronousStandbys, old.Status.SynchronousStandbys)
                || Same(old.Spec.SynchronousStandbys, known)
                || old.Spec.SynchronousStandbys.Except(known).Any(uid => !next.Spec.SynchronousStandbys.Contains(uid));
        });

    [Theory, Trait("Rule", "S1"), Trait("Rule", "N10")]
    [InlineData(false)]
    [InlineData(true)]
    public void Proxies_are_pointed_at_another_primary_only_after_nobody_was(bool synchronous) =>
        Check(synchronous, (before, _, plan) =>
            plan.Next.Proxy.Spec.PrimaryDb is not { } routed || before.Proxy.Spec.PrimaryDb is not { } was || routed == was);

    [Theory, Trait("Rule", "N2"), Trait("Rule", "F4")]
    [InlineData(false)]
    [InlineData(true)]
    public void There_is_always_one_primary_every_change_has_a_reason_and_the_document_is_read_back_equal(bool synchronous) =>
        Check(synchronous, (before, _, plan) =>
        {
            var changed = plan.Next.Cluster.Status != before.Cluster.Status || plan.Next.Proxy.Spec != before.Proxy.Spec
                || !plan.Next.Databases.Keys.SequenceEqual(before.Databases.Keys)
                || plan.Next.Databases.Values.Any(db => before.Databases.Find(db.Uid)?.Generation != db.Generation);
            var written = PlannedWrite.IsNeeded(plan.Next, ClusterJson.ReadClusterData(ClusterJson.Write(plan.Next)));
            return plan.Next.Primary is not null && (!changed || plan.Reasons.Any(reason => reason.IsChange)) && !written;
        });

    [Theory, Trait("Rule", "Q2"), Trait("Rule", "Q28")]
    [InlineData(false)]
    [InlineData(true)]
    public void The_same_reports_planned_again_and_again_come_to_rest(bool synchronous) =>
        Events.Sample(
            events =>
            {
                var story = Play(Start(synchronous), events);
                for (var pass = 0; pass < 6; pass++)
                {
                    story.Pass();
                }

                var rest = story.Data;
                story.Pass();
                return !PlannedWrite.IsNeeded(rest, story.Data);
            },
            iter: 300);

    private static void Check(bool synchronous, Func<ClusterData, ClusterData, Plan, bool> holds) =>
        Events.Sample(
            events =>
            {
                var story = Start(synchronous);
                return Array.TrueForAll(events, happening =>
                {
                    Happen(story, happening);
                    var (before, observed) = (story.Data, story.Look().Data);
                    return holds(before, observed, story.Pass());
                });
            },
            iter: 300);

    private static Story Start(bool synchronous)
    {
        var story = Healthy(Keepers, spec => spec with { SynchronousReplication = synchronous, MaxSynchronousStandbys = 2 });
        return story.Proxy("p1", story.Data.Proxy.Generation).Passes(2);
    }

    private static Story Play(Story story, (int Kind, int Keeper, int Amount)[] events)
    {
        foreach (var happening in events)
        {
            Happen(story, happening);
            story.Pass();
        }

        return story;
    }

    private static void Happen(Story story, (int Kind, int Keeper, int Amount) happening)
    {
        var (kind, n, amount) = happening;
        var primary = int.Parse(story.Data.Primary!.Spec.Keeper.Value[1..], System.Globalization.CultureInfo.InvariantCulture);
        _ = kind switch
        {
            0 or 1 => story.Silences(n),
            2 => story.Reports(n),
            3 => story.Reports(n, state => state with { XLogPos = new Lsn(state.XLogPos.Value + ((ulong)amount * 1000)) }),
            4 => story.Reports(n, state => state with { Healthy = amount % 2 == 0 }),
            5 => story.Reports(primary, state => state with { SynchronousStandbys = story.Data.Primary!.Spec.SynchronousStandbys }),
            6 => story.Proxy("p1", story.Data.Proxy.Generation),
            7 => amount == 1 ? story.SentinelRestarts() : story.PassFails(),
            8 => story.Reports(n, state => state with { WalReceiver = amount % 2 == 0 ? WalReceiverState.Gone : WalReceiverState.Streaming }),
            9 => story.Reports(n, keeper: report => report with { CanBePrimary = amount % 3 == 0 ? false : null }),
            10 => story.Converge(),
            _ => story.Waits(amount).Heartbeats(),
        };
    }

    private static bool Lifted(Plan plan) => plan.Reasons.Any(reason => reason is Reason.DocumentLifted);

    private static bool Same(ValueList<DbId> left, ValueList<DbId> right) => left.ToHashSet().SetEquals(right);
}
