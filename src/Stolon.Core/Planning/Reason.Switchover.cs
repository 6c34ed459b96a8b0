using Stolon.Cluster;

namespace Stolon.Planning;

/// <summary>What the planner says about switchovers (architecture, section 7).</summary>
public abstract partial record Reason
{
    /// <summary>A switchover was accepted.</summary>
    /// <param name="Id">The switchover.</param>
    /// <param name="Source">The primary that steps down.</param>
    /// <param name="Target">The standby that takes over.</param>
    public sealed record SwitchoverAccepted(string Id, DbId Source, DbId Target) : Reason
    {
        /// <inheritdoc/>
        public override string Text => $"Switchover {Id}: {Target} shall take over from {Source}, which writes a checkpoint first.";
    }

    /// <summary>A switchover took a step.</summary>
    /// <param name="Id">The switchover.</param>
    /// <param name="Phase">How far it is now.</param>
    /// <param name="Step">What happens, as a sentence.</param>
    public sealed record SwitchoverProceeds(string Id, SwitchoverPhase Phase, string Step) : Reason
    {
        /// <inheritdoc/>
        public override string Text => $"Switchover {Id}: {Step}";
    }

    /// <summary>A switchover waits for something.</summary>
    /// <param name="Id">The switchover.</param>
    /// <param name="Why">For what, as a sentence.</param>
    public sealed record SwitchoverWaits(string Id, string Why) : Reason
    {
        /// <inheritdoc/>
        public override string Text => $"Switchover {Id} waits: {Why}";

        /// <inheritdoc/>
        public override bool IsChange => false;
    }

    /// <summary>A switchover is done: the new primary has carried out everything.</summary>
    /// <param name="Id">The switchover.</param>
    /// <param name="Primary">The new primary.</param>
    public sealed record SwitchoverFinished(string Id, DbId Primary) : Reason
    {
        /// <inheritdoc/>
        public override string Text => $"Switchover {Id} is finished: {Primary} is the primary.";
    }

    /// <summary>A switchover was refused before anything happened.</summary>
    /// <param name="Id">The switchover.</param>
    /// <param name="Objections">What speaks against it, as sentences.</param>
    public sealed record SwitchoverRefused(string Id, ValueList<string> Objections) : Reason
    {
        /// <inheritdoc/>
        public override string Text => $"Switchover {Id} is refused, and nothing was changed. {string.Join(' ', Objections)}";
    }

    /// <summary>A switchover was given up, and the cluster is as before.</summary>
    /// <param name="Id">The switchover.</param>
    /// <param name="Why">Why, as a sentence.</param>
    public sealed record SwitchoverUndone(string Id, string Why) : Reason
    {
        /// <inheritdoc/>
        public override bool IsAlarm => true;

        /// <inheritdoc/>
        public override string Text => $"Switchover {Id} is undone. {Why}";
    }
}
