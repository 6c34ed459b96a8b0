using System.Collections.Immutable;
using Stolon.Cluster;

namespace Stolon.Storage;

/// <summary>A version of the document in one store: an opaque token.</summary>
/// <param name="Token">Compared for equality only.</param>
public readonly record struct StoreVersion(string Token);

/// <summary>The document as it was read.</summary>
/// <param name="Data">The document.</param>
/// <param name="Version">What to hand to <see cref="IClusterStore.TryWriteAsync"/>.</param>
public sealed record StoredClusterData(ClusterData Data, StoreVersion Version);

/// <summary>Every report in the store, sorted by id.</summary>
/// <param name="Keepers">The keepers' reports.</param>
/// <param name="Proxies">The proxies' reports.</param>
/// <param name="Sentinels">The sentinels' reports.</param>
/// <param name="Questions">The open questions to the keepers.</param>
/// <param name="Unreadable">Reports that could not be read: whose, and why.</param>
public sealed record Reports(
    ImmutableArray<KeeperReport> Keepers,
    ImmutableArray<ProxyReport> Proxies,
    ImmutableArray<SentinelReport> Sentinels,
    ImmutableArray<SettingsQuestion> Questions,
    ImmutableArray<string> Unreadable);

/// <summary>One decision as the history keeps it, for people.</summary>
/// <param name="Time">When it was taken (wall clock).</param>
/// <param name="Sentinel">Who took it; empty when an operator did.</param>
/// <param name="Kind">The name of the reason's type, for programs.</param>
/// <param name="Text">The reason as a sentence.</param>
public sealed record Decision(DateTimeOffset Time, string Sentinel, string Kind, string Text);

/// <summary>What changed in a store.</summary>
[Flags]
public enum StoreChange
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The document; or a question to the keepers, who listen to little else.</summary>
    ClusterData = 1,

    /// <summary>A report of a keeper, proxy or sentinel.</summary>
    Reports = 2,

    /// <summary>Anything.</summary>
    Any = ClusterData | Reports,
}

/// <summary>The store did not answer, or not in time: what the call was to do may or may not have happened.</summary>
public sealed class StoreUnavailableException : Exception
{
    /// <summary>Makes the exception.</summary>
    public StoreUnavailableException()
        : this("The store is not available.")
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What failed, where, and what helps.</param>
    public StoreUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What failed, where, and what helps.</param>
    /// <param name="innerException">The cause.</param>
    public StoreUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
