using Stolon.Cluster;

namespace Stolon.Planning;

/// <summary>Where proxies send clients. Rules N10 and N11 of docs/behaviour.md, with Q21 and Q36: the second half of the handshake X5.</summary>
internal static class ProxyRouting
{
    public static Draft Point(Draft draft) =>
        draft.Next.Proxy.Spec.PrimaryDb is null ? Open(draft) : Enable(draft);

    /// <summary>N10: only when no active proxy may still talk to another primary, and the new one has carried out everything.</summary>
    private static Draft Open(Draft draft)
    {
        var primary = draft.Observed.Primary!;
        var behind = draft.ActiveProxies.Where(proxy => proxy.Generation != draft.Observed.Proxy.Generation)
            .Select(proxy => proxy.Uid).ToValueList();
        if (behind.Count > 0)
        {
            return draft.Because(new Reason.ProxiesWait($"Clients wait until these proxies have closed their old connections, or are surely gone: {behind}."));
        }

        // Q21: healthy or not, for it may be only its keeper that is gone. Q36: but never before it is the primary that it shall be.
        return primary.Converged
            ? draft.WithProxy(draft.Next.Proxy.Spec with { PrimaryDb = primary.Uid }).Because(new Reason.ProxiesOpened(primary.Uid))
            : draft.Because(new Reason.ProxiesWait($"Clients wait until {primary.Uid} is ready to be the primary."));
    }

    /// <summary>N11.</summary>
    private static Draft Enable(Draft draft)
    {
        var enabled = draft.ActiveProxies.Select(proxy => proxy.Uid).Order().ToValueList();
        return enabled == draft.Next.Proxy.Spec.EnabledProxies
            ? draft
            : draft.WithProxy(draft.Next.Proxy.Spec with { EnabledProxies = enabled }).Because(new Reason.ProxiesEnabled(enabled));
    }
}
