using System.Globalization;

namespace Stolon.Cluster;

/// <summary>Where a keeper or proxy says that it lives: a port that is open as long as its process does what others rely on. Ours, optional.</summary>
/// <param name="Host">An IP address or a host name, as others reach it; empty = it has no such port, or is none of ours.</param>
/// <param name="Port">The TCP port.</param>
public readonly record struct LivenessAddress(string Host, int Port)
{
    /// <summary>There is none.</summary>
    public static readonly LivenessAddress None = new("", 0);

    /// <summary>Whether there is one.</summary>
    public bool IsGiven => !string.IsNullOrEmpty(Host);

    /// <summary>Reads <c>host:port</c>; the host may stand in brackets.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The address; <see cref="None"/> for anything else: it is optional, and what cannot be read is not there.</returns>
    public static LivenessAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.LastIndexOf(':');
        return colon > 0 && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
            ? new(text[..colon].Trim('[', ']'), port)
            : None;
    }

    /// <inheritdoc/>
    public override string ToString() => !IsGiven ? "" : Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
