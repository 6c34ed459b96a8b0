using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Hosting.Health;
using Stolon.Planning;
using Stolon.Storage;

namespace Stolon.Hosting.Sentinel;

/// <summary>Says each change once, and counts it: a steady state is silent, be it good or bad.</summary>
/// <param name="cluster">The cluster's name.</param>
/// <param name="self">The sentinel.</param>
/// <param name="logger">Where to say it.</param>
/// <param name="metrics">Where to count it.</param>
internal sealed class SentinelVoice(string cluster, SentinelId self, ILogger<SentinelService> logger, SentinelMetrics metrics)
{
    private ImmutableHashSet<string> standing = [];
    private string? lastFailure;
    private volatile string? failure;
    private bool saidWaiting;

    /// <summary>The sentinel's activities.</summary>
    public RoleSteps Steps => metrics.Steps;

    /// <summary>Why the last pass failed; null when it did not.</summary>
    public string? Failure => failure;

    /// <summary>Leadership was won.</summary>
    public void Leads()
    {
        metrics.OnTerm();
        logger.Leads(self.Value, cluster);
    }

    /// <summary>Leadership is over.</summary>
    /// <param name="stopping">The sentinel gave it up because it stops.</param>
    public void LeadsNoMore(bool stopping)
    {
        // A new term explains everything anew.
        standing = [];
        if (stopping)
        {
            logger.HandsOn(self.Value, cluster);
        }
        else
        {
            logger.LeadsNoMore(self.Value, cluster);
        }
    }

    /// <summary>A campaign failed; only worth a line for those who look closely, since passes fail too then.</summary>
    /// <param name="exception">Why.</param>
    public void CampaignFailed(Exception exception) => logger.CampaignFailed(exception, cluster);

    /// <summary>The own report could not be published.</summary>
    /// <param name="exception">Why.</param>
    public void PresenceFailed(Exception exception) => logger.PresenceFailed(exception, cluster);

    /// <summary>There is no cluster, and this sentinel does not make one.</summary>
    public void WaitsForInit()
    {
        if (!saidWaiting)
        {
            saidWaiting = true;
            logger.WaitsForInit(cluster);
        }
    }

    /// <summary>A decision that no plan made.</summary>
    /// <param name="decision">The decision.</param>
    public void Decided(Decision decision)
    {
        metrics.OnDecision(decision.Kind);
        logger.Changed(LogLevel.Information, cluster, decision.Kind, decision.Text);
    }

    /// <summary>A plan was carried out, or nothing was to do: changes are said, standing explanations when they are new.</summary>
    /// <param name="reasons">The plan's reasons.</param>
    public void Explain(ImmutableArray<Reason> reasons)
    {
        foreach (var reason in reasons.Where(reason => reason.IsChange))
        {
            metrics.OnDecision(reason.Kind);
            var level = LevelOf(reason);
            logger.Changed(level, cluster, reason.Kind, reason.Text);
        }

        var explanations = reasons.Where(reason => !reason.IsChange).ToImmutableArray();
        foreach (var reason in explanations.Where(reason => !standing.Contains(reason.Text)))
        {
            var level = LevelOf(reason);
            logger.Stands(level, cluster, reason.Kind, reason.Text);
        }

        standing = [.. explanations.Select(reason => reason.Text)];
    }

    private static LogLevel LevelOf(Reason reason) => reason.IsAlarm ? LogLevel.Warning : LogLevel.Information;

    /// <summary>A pass was too old to write what it had decided.</summary>
    /// <param name="age">How old.</param>
    /// <param name="limit">How old it may be.</param>
    public void DroppedPass(TimeSpan age, TimeSpan limit) => logger.DroppedPass(cluster, age.TotalSeconds, limit.TotalSeconds);

    /// <summary>A pass failed: said once, until one succeeds or the cause changes.</summary>
    /// <param name="exception">Why.</param>
    public void PassFailed(Exception exception)
    {
        metrics.OnFailedPass();
        failure = exception.Message;
        var cause = $"{exception.GetType().Name}: {exception.Message}";
        if (cause == lastFailure)
        {
            return;
        }

        lastFailure = cause;
        switch (exception)
        {
            case ClusterDataException:
                logger.NotUnderstood(cluster, exception.Message);
                break;
            case StoreUnavailableException:
                logger.StoreAway(cluster, exception.Message);
                break;
            default:
                logger.PassFailed(exception, cluster);
                break;
        }
    }

    /// <summary>A pass came to its end: said if the one before did not.</summary>
    /// <param name="leads">It was the leader's.</param>
    public void PassSucceeded(bool leads)
    {
        metrics.OnGoodPass(leads);
        failure = null;
        if (lastFailure is not null)
        {
            lastFailure = null;
            logger.GoesOn(cluster);
        }
    }
}
