using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Convergence;

/// <summary>One step of a keeper. It takes one, looks again, and decides anew.</summary>
public abstract record KeeperAction
{
    private KeeperAction()
    {
    }

    /// <summary>Nothing to do, or nothing that may be done now.</summary>
    /// <param name="Why">A sentence; empty when all is as the document asks.</param>
    public sealed record Rest(string Why) : KeeperAction;

    /// <summary>What the document asks for may not be done: a person, or the sentinel, has to act. The sentence is reported.</summary>
    /// <param name="Why">What is wrong and what helps.</param>
    public sealed record Refuse(string Why) : KeeperAction
    {
        /// <summary>The data cannot be what the document asks for, and has to be made anew.</summary>
        public bool NeedsResync { get; init; }
    }

    /// <summary>This data directory now belongs to this cluster (K10, Q32).</summary>
    /// <param name="ClusterUid">The cluster.</param>
    public sealed record AdoptCluster(string ClusterUid) : KeeperAction;

    /// <summary>Bring PostgreSQL down cleanly (K12, K13).</summary>
    /// <param name="Why">A sentence.</param>
    public sealed record Stop(string Why) : KeeperAction;

    /// <summary>Bring a primary down that must not serve: the stop of S4, which does not wait for anybody.</summary>
    /// <param name="Why">A sentence.</param>
    public sealed record Fence(string Why) : KeeperAction;

    /// <summary>Make a fresh cluster (K25).</summary>
    /// <param name="Config">Options of initdb.</param>
    /// <param name="Parameters">What the first start runs with.</param>
    public sealed record Create(NewConfig Config, ValueMap<string, string> Parameters) : KeeperAction;

    /// <summary>Take over the data that is there (K27).</summary>
    /// <param name="Parameters">What the first start overrides.</param>
    public sealed record TakeOver(ValueMap<string, string> Parameters) : KeeperAction;

    /// <summary>Restore a backup (K26).</summary>
    /// <param name="Command">The shell command that brings the base backup.</param>
    /// <param name="Configuration">What the recovery runs with.</param>
    public sealed record Restore(string Command, ServerConfiguration Configuration) : KeeperAction;

    /// <summary>Copy the followed primary (K28, R).</summary>
    /// <param name="Plan">From whom and how.</param>
    public sealed record Resync(ResyncPlan Plan) : KeeperAction;

    /// <summary>Start PostgreSQL.</summary>
    /// <param name="Configuration">With what.</param>
    /// <param name="AsPrimary">It will take writes: the document has to be current (Q41).</param>
    public sealed record Start(ServerConfiguration Configuration, bool AsPrimary) : KeeperAction;

    /// <summary>Load another configuration without a restart (K22).</summary>
    /// <param name="Configuration">The configuration.</param>
    /// <param name="OpensToClients">Clients may come in with it and could not before: the document has to be current (Q41).</param>
    public sealed record Reload(ServerConfiguration Configuration, bool OpensToClients) : KeeperAction;

    /// <summary>Restart PostgreSQL because a parameter needs it (K22.5).</summary>
    /// <param name="Configuration">With what.</param>
    /// <param name="AsPrimary">See <see cref="Start"/>.</param>
    public sealed record Restart(ServerConfiguration Configuration, bool AsPrimary) : KeeperAction;

    /// <summary>Write down that this data is about to be the primary of a timeline (Q35).</summary>
    /// <param name="Timeline">The timeline.</param>
    public sealed record RecordPrimaryTimeline(uint Timeline) : KeeperAction;

    /// <summary>Make the standby a primary (K19.4, Q36): its configuration is loaded already.</summary>
    public sealed record Promote : KeeperAction;

    /// <summary>Make the replication slots what they shall be (K24).</summary>
    /// <param name="Wanted">The names of the wanted physical slots.</param>
    public sealed record SettleSlots(ValueList<string> Wanted) : KeeperAction;

    /// <summary>Give the keeper's two roles the passwords that they shall have, if they have others.</summary>
    public sealed record SettlePasswords : KeeperAction;

    /// <summary>Write a checkpoint, and see whether anything would hold up a clean stop (architecture, section 7, step 1).</summary>
    /// <param name="Switchover">For which switchover.</param>
    /// <param name="Limit">How long it may take.</param>
    public sealed record PrepareSwitchover(string Switchover, TimeSpan Limit) : KeeperAction;

    /// <summary>Stop the primary cleanly, with all its WAL sent to the next one (step 3).</summary>
    /// <param name="Switchover">For which switchover.</param>
    /// <param name="Target">The application name of the next primary's walreceiver.</param>
    public sealed record StandDown(string Switchover, string Target) : KeeperAction;

    /// <summary>Tell the sentinel how a switchover stands here.</summary>
    /// <param name="Answer">What is said.</param>
    public sealed record AnswerSwitchover(SwitchoverAnswer Answer) : KeeperAction;

    /// <summary>Everything the generation asks for is done (K23).</summary>
    /// <param name="Generation">The generation.</param>
    public sealed record RecordConverged(long Generation) : KeeperAction;
}
