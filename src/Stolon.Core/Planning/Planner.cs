using System.Collections.Immutable;
using Stolon.Cluster;
using Stolon.Observation;

namespace Stolon.Planning;

/// <summary>
/// Plans the next document: pure, and a table of contents. Each step is a file of its own, named after what it decides; the numbers are
/// those of docs/behaviour.md. Start reading at <see cref="Election"/> to see how a primary is chosen.
/// </summary>
public static class Planner
{
    /// <summary>Plans.</summary>
    /// <param name="observed">The document with its status refreshed by <see cref="Observe"/>.</param>
    /// <param name="activeProxies">The proxies that may still forward clients.</param>
    /// <param name="memory">What this sentinel has seen.</param>
    /// <param name="inputs">Time and ids.</param>
    /// <returns>The plan; planning its own result again changes nothing, but for the second step of an election (N27) and of opening (N11).</returns>
    public static Plan Next(ClusterData observed, ImmutableArray<ProxyReport> activeProxies, SentinelMemory memory, PlannerInputs inputs)
    {
        var draft = Draft.Of(observed, activeProxies, memory, inputs);
        if (Regression.Of(draft) is { } signs)
        {
            return Regression.Lift(draft, signs) is { } lifted               // Q33: an old document decides nothing
                ? Complete(lifted)
                : Stop(draft.Because(Regression.Explain(draft, signs)));
        }

        return draft.Next.Cluster.Status.Phase switch
        {
            ClusterPhase.Initializing => Complete(Initialization.Advance(draft)),   // I
            _ when observed.Primary is null => Stop(draft.Because(new Reason.PrimaryMissing(draft.PrimaryId))),   // N2
            _ => Complete(Normal(draft)),
        };
    }

    private static Draft Normal(Draft draft)
    {
        draft = Keepers.Retire(draft);                                       // N1
        draft = SwitchoverSteps.Drive(draft);                                // architecture, section 7
        if (draft.EndsHere)
        {
            return draft;                                                    // N3, N4 and N10 wait while clients are out for it
        }

        draft = Election.Hold(draft);                                        // N3-N9
        if (draft.PrimaryChanged)
        {
            return draft;                                                    // N9: nothing else happens in an election pass
        }

        draft = ProxyRouting.Point(draft);                                   // N10-N11
        draft = Topology.PromoteCluster(draft);                              // N12
        if (draft.PrimaryIsReady)                                            // N13
        {
            draft = Cleanup.Remove(draft);                                   // N14-N17
            draft = SyncStandbys.Settle(draft);                              // N18-N22
            draft = StandbyCount.Adjust(draft);                              // N23-N25
            draft = Topology.FollowPrimary(draft);                           // N26
        }

        return Topology.ListFollowers(draft);                                // N27
    }

    private static Plan Complete(Draft draft)
    {
        draft = Finishing.PropagateSpec(Keepers.EndForcedFailures(draft));   // O7, F1
        draft = Clock.Wake(Finishing.Number(draft));                         // F3, F4, WakeAt
        return new Plan(draft.Next, [.. draft.Reasons], draft.WakeAt, draft.Memory);
    }

    /// <summary>L9: says why it goes no further, and leaves the document as it is.</summary>
    private static Plan Stop(Draft draft)
    {
        draft = Clock.Wake(draft);
        return new Plan(draft.Observed, [.. draft.Reasons], draft.WakeAt, draft.Memory) { MayBeWritten = false };
    }
}
