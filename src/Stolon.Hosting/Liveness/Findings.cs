using System.Collections.Concurrent;
using System.Net;
using Stolon.Cluster;

namespace Stolon.Hosting.Liveness;

/// <summary>Who is observed.</summary>
/// <param name="Uid">The uid of the keeper or proxy.</param>
/// <param name="IsProxy">It is a proxy.</param>
/// <param name="BootUuid">The process.</param>
/// <param name="Liveness">Its liveness port.</param>
/// <param name="Postgres">The port of its PostgreSQL; null for a proxy.</param>
internal sealed record Subject(string Uid, bool IsProxy, string BootUuid, DnsEndPoint Liveness, DnsEndPoint? Postgres);

/// <summary>What was found of a subject: instants of the boot clock.</summary>
/// <param name="InfoUid">Its last publication, read before the refusals.</param>
/// <param name="ConnectedAt">When all its ports were last connected.</param>
/// <param name="FirstRefusedAt">When all first refused.</param>
/// <param name="LastRefusedAt">When all last refused.</param>
internal sealed record Finding(string InfoUid, TimeSpan ConnectedAt, TimeSpan FirstRefusedAt, TimeSpan LastRefusedAt);

/// <summary>What one observer found, to be published with its own report.</summary>
/// <param name="changed">Called when there is something new to say.</param>
internal sealed class Findings(Action changed)
{
    private readonly ConcurrentDictionary<Subject, Finding> findings = new();

    /// <summary>Something was found; what was found first is kept as long as the publication is the same, so that nothing is said twice.</summary>
    /// <param name="subject">Of whom.</param>
    /// <param name="finding">What.</param>
    public void Found(Subject subject, Finding finding)
    {
        if (!findings.TryGetValue(subject, out var before) || before.InfoUid != finding.InfoUid)
        {
            findings[subject] = finding;
            changed();
        }
    }

    /// <summary>It answers, it published, or nobody is interested any more.</summary>
    /// <param name="subject">Of whom.</param>
    public void Withdraw(Subject subject)
    {
        if (findings.TryRemove(subject, out _))
        {
            changed();
        }
    }

    /// <summary>Whether something is found of a subject.</summary>
    /// <param name="subject">The subject.</param>
    /// <returns>True if it is.</returns>
    public bool Has(Subject subject) => findings.ContainsKey(subject);

    /// <summary>As it is published: ages in whole milliseconds.</summary>
    /// <param name="now">The boot clock.</param>
    /// <returns>In a fixed order; empty when nothing was found.</returns>
    public ValueList<Probe> At(TimeSpan now) => findings
        .ToArray() // the dictionary's own, of one instant: sorting what still changes fails
        .OrderBy(one => one.Key.IsProxy).ThenBy(one => one.Key.Uid, StringComparer.Ordinal)
        .Select(one => new Probe
        {
            Uid = one.Key.Uid,
            IsProxy = one.Key.IsProxy,
            InfoUid = one.Value.InfoUid,
            BootUuid = one.Key.BootUuid,
            ConnectedAgo = Age(now, one.Value.ConnectedAt),
            FirstRefusedAgo = Age(now, one.Value.FirstRefusedAt),
            LastRefusedAgo = Age(now, one.Value.LastRefusedAt),
        })
        .ToValueList();

    private static TimeSpan Age(TimeSpan now, TimeSpan then) => TimeSpan.FromMilliseconds(Math.Floor((now - then).TotalMilliseconds));
}
