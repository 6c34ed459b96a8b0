using System.Collections.Immutable;

namespace Stolon.Cluster;

/// <summary>What is unwise in a valid cluster specification, and the values that our init fills in (architecture, section 5).</summary>
public static class ClusterSpecAdvice
{
    /// <summary>After how many of its timeouts a silent proxy counts as gone (Q27).</summary>
    private const double SilentProxyTimeouts = 1.25;

    private static readonly TimeSpan FullProxyTimeout = TimeSpan.FromSeconds(8);

    private static readonly ImmutableArray<Func<ClusterSpec, ClusterSpec>> FastDefaults =
    [
        spec => spec with { SleepInterval = spec.SleepInterval ?? TimeSpan.FromSeconds(1) },
        spec => spec with { ProxyCheckInterval = spec.ProxyCheckInterval ?? TimeSpan.FromSeconds(1) },
        spec => spec with { ProxyTimeout = spec.ProxyTimeout ?? FastProxyTimeout(new ClusterSettings(spec).FailInterval) },
        spec => spec with { FailInterval = spec.FailInterval ?? TimeSpan.FromSeconds(10) },
        spec => spec with { MaxStandbyLag = spec.MaxStandbyLag ?? 1024 * 1024 },
        spec => spec with { DefaultAuthMethod = spec.DefaultAuthMethod ?? "scram-sha-256" },
        spec => spec with { FailOnRefusal = spec.FailOnRefusal ?? true },
    ];

    /// <summary>What is accepted but unwise, as sentences that begin with the JSON path.</summary>
    /// <param name="spec">A valid specification.</param>
    /// <returns>The warnings.</returns>
    public static ImmutableArray<string> Warnings(this ClusterSpec spec)
    {
        var settings = new ClusterSettings(spec);
        var warnings = ImmutableArray.CreateBuilder<string>();
        var fenced = settings.FailInterval - FencingMargin.Of(settings.FailInterval);
        if (fenced < settings.SleepInterval + TimeSpan.FromSeconds(2))
        {
            warnings.Add(
                $"$.failInterval: {Text(settings.FailInterval)} is short for a sleepInterval of {Text(settings.SleepInterval)}: "
                + $"a primary that is not heard for {Text(fenced)} stops, so one late report can stop it (expected sleepInterval + 2s there, or more)");
        }

        if (settings.ProxyTimeout * SilentProxyTimeouts > settings.FailInterval)
        {
            warnings.Add(
                $"$.proxyTimeout: 1.25 x {Text(settings.ProxyTimeout)} is more than the failInterval of {Text(settings.FailInterval)}: "
                + "a proxy that dies together with the primary delays the failover");
        }

        if (settings.SynchronousReplication && settings.MinSynchronousStandbys == 0)
        {
            warnings.Add(
                "$.minSynchronousStandbys: 0 lets commits be acknowledged while no standby is in sync: a failover can lose them");
        }

        if (settings.SynchronousReplication && settings.MinSynchronousStandbys > settings.MaxStandbysPerSender)
        {
            warnings.Add(
                $"$.minSynchronousStandbys: {settings.MinSynchronousStandbys} is more than maxStandbysPerSender ({settings.MaxStandbysPerSender}): "
                + "there are never so many standbys, and writes block");
        }

        return warnings.ToImmutable();
    }

    /// <summary>
    /// What our init makes of a given specification: faster than stolon's defaults where nothing else was asked for, and as long as that
    /// brings neither an error nor a warning with it.
    /// </summary>
    /// <param name="spec">The specification as given.</param>
    /// <returns>The specification to write.</returns>
    public static ClusterSpec WithFastDefaults(this ClusterSpec spec)
    {
        foreach (var fill in FastDefaults)
        {
            var filled = fill(spec);
            spec = Complaints(filled) <= Complaints(spec) ? filled : spec;
        }

        return spec;
    }

    /// <summary>8 s, or as long as a silent proxy can be waited for before a primary counts as failed.</summary>
    private static TimeSpan FastProxyTimeout(TimeSpan failInterval)
    {
        var longest = TimeSpan.FromMilliseconds(Math.Floor(failInterval.TotalMilliseconds / SilentProxyTimeouts / 100) * 100);
        return longest < FullProxyTimeout ? longest : FullProxyTimeout;
    }

    private static int Complaints(ClusterSpec spec) => spec.Validate().Length + spec.Warnings().Length;

    private static string Text(TimeSpan duration) => GoDuration.Format(duration);
}
