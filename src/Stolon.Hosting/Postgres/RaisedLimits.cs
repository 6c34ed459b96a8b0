using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Postgres;

namespace Stolon.Hosting.Postgres;

/// <summary>What a standby runs with where it may not run with what is asked for yet (<see cref="StandbyLimits"/>).</summary>
internal sealed class RaisedLimits(ControlFile control, ILogger logger)
{
    private ServerConfiguration? asked;
    private ServerConfiguration? written;

    /// <summary>The configuration to write for the asked one.</summary>
    /// <param name="configuration">What is asked for.</param>
    /// <param name="isStandby">The data is a standby's.</param>
    /// <param name="cancellationToken">Ends the look into the control file.</param>
    /// <returns>The same, or one with some limits raised.</returns>
    public async Task<ServerConfiguration> ForAsync(ServerConfiguration configuration, bool isStandby, CancellationToken cancellationToken)
    {
        var raised = isStandby ? await RaiseAsync(configuration, cancellationToken).ConfigureAwait(false) : configuration;
        if (raised != configuration && !raised.Parameters.Equals(written?.Parameters))
        {
            var names = raised.Parameters.Where(pair => configuration.Parameters.Find(pair.Key) != pair.Value).Select(pair => $"{pair.Key}={pair.Value}");
            logger.LimitsRaised(string.Join(", ", names));
        }

        (asked, written) = (configuration, raised);
        return raised;
    }

    /// <summary>What the running instance counts as running with: what was asked for, or, since it may run with less now, what was written.</summary>
    /// <param name="configuration">What was asked for.</param>
    /// <returns>The configuration.</returns>
    public ServerConfiguration? Seen(ServerConfiguration? configuration) => CanFall && configuration == asked ? written : configuration;

    /// <summary>Looks whether the standby has replayed since that the primary runs with less.</summary>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <returns>When looked.</returns>
    public async Task LookAgainAsync(CancellationToken cancellationToken)
    {
        if (asked is { } wanted && written != wanted && !CanFall)
        {
            CanFall = await RaiseAsync(wanted, cancellationToken).ConfigureAwait(false) != written;
        }
    }

    /// <summary>Begins anew.</summary>
    public void Forget() => CanFall = false;

    private bool CanFall { get; set; }

    private async Task<ServerConfiguration> RaiseAsync(ServerConfiguration configuration, CancellationToken cancellationToken)
    {
        var least = (await control.ReadAsync(cancellationToken).ConfigureAwait(false))?.Limits ?? ValueMap<string, int>.Empty;
        return configuration with { Parameters = StandbyLimits.Raise(configuration.Parameters, least) };
    }
}
