using Stolon.Cluster;

namespace Stolon.Routing;

/// <summary>Where the document says that the primary is reached.</summary>
/// <param name="Db">The primary's db.</param>
/// <param name="Host">An IP address or a host name, not yet resolved.</param>
/// <param name="Port">The TCP port.</param>
public sealed record PrimaryAddress(DbId Db, string Host, int Port)
{
    /// <inheritdoc/>
    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
