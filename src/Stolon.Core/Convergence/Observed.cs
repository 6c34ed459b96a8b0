using System.Collections.Immutable;
using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Convergence;

/// <summary>What a keeper knows of its own side: files, processes, and what its instance says.</summary>
public sealed record Observed
{
    /// <summary>The file <c>keeperstate</c>.</summary>
    public required KeeperState KeeperState { get; init; }

    /// <summary>The file <c>dbstate</c>.</summary>
    public required DbState DbState { get; init; }

    /// <summary>This process (M3).</summary>
    public required string BootUuid { get; init; }

    /// <summary>The store was read and took our report recently enough for a primary to serve (S4).</summary>
    public required bool Heard { get; init; }

    /// <summary>Nobody could look for too long: what follows was true once.</summary>
    public bool IsOutdated { get; init; }

    /// <summary>PGDATA is complete.</summary>
    public required bool Initialized { get; init; }

    /// <summary>A process of PGDATA runs.</summary>
    public required bool Running { get; init; }

    /// <summary>The role that the signal files give it (K18); null when it is not initialised.</summary>
    public Role? LocalRole { get; init; }

    /// <summary>What the running instance was started with, or was last seen to have loaded.</summary>
    public ServerConfiguration? RunningWith { get; init; }

    /// <summary>What the running instance says; null until it answers.</summary>
    public Answer? Answer { get; init; }

    /// <summary>A configuration that lets clients in was written for the running instance, and nobody saw yet whether it is loaded.</summary>
    public bool MayBeOpen { get; init; }

    /// <summary>It runs and lets clients in, as far as anybody knows.</summary>
    public bool Opened => MayBeOpen || RunningWith is { InternalOnly: false };

    /// <summary>What it is: by its signal files, or by its own word when the files are gone. Null = nobody knows.</summary>
    public Role? ActualRole => LocalRole ?? Answer?.Role;

    /// <summary>The last start failed: it did not come so far as to answer.</summary>
    public bool LastStartFailed { get; init; }

    /// <summary>The roles of the running primary were seen to have the passwords that the keeper has now.</summary>
    public bool PasswordsSettled { get; init; } = true;

    /// <summary>Where its control file says that it stopped cleanly; null = it runs, or did not stop so.</summary>
    public StopPoint? StoppedAt { get; init; }

    /// <summary>What this keeper said last to a switchover.</summary>
    public SwitchoverAnswer? Answered { get; init; }

    /// <summary>The system identifier of the data; empty when there is none.</summary>
    public string SystemId { get; init; } = "";
}

/// <summary>What a running instance says about itself, as far as decisions need it.</summary>
public sealed record Answer
{
    /// <summary>What <c>pg_is_in_recovery()</c> says.</summary>
    public required Role Role { get; init; }

    /// <summary>Its timeline.</summary>
    public required uint Timeline { get; init; }

    /// <summary>The standbys that it says are in sync.</summary>
    public ValueList<DbId> InSync { get; init; }

    /// <summary>The names of its physical replication slots that are not temporary.</summary>
    public ImmutableSortedSet<string> Slots { get; init; } = ImmutableSortedSet<string>.Empty;

    /// <summary>Some parameter waits for a restart.</summary>
    public bool RestartPending { get; init; }
}
