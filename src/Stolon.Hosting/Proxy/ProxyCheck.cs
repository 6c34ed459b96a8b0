using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Stolon.Cluster;
using Stolon.Hosting.Health;
using Stolon.Routing;
using Stolon.Storage;

namespace Stolon.Hosting.Proxy;

/// <summary>How a check ended.</summary>
internal enum CheckResult
{
    /// <summary>The proxy may go on until its deadline.</summary>
    Good,

    /// <summary>Nothing is known: the deadline stays where it was.</summary>
    Failed,

    /// <summary>
    /// The proxy has made itself known to the sentinels and must look again before it sends clients anywhere.
    /// </summary>
    LookAgain,
}

/// <summary>
/// One look at the store (X2): read, leave a route that no longer holds, acknowledge, and only then take the new route (X5).
/// </summary>
/// <param name="store">The store.</param>
/// <param name="own">This proxy.</param>
/// <param name="route">The route and its deadline.</param>
/// <param name="resolver">Resolves the primary's host.</param>
/// <param name="liveness">Where others find out whether this proxy lives; they are about where the primary is.</param>
/// <param name="steps">The proxy's activities.</param>
/// <param name="logger">The log.</param>
internal sealed class ProxyCheck(
    IClusterStore store, ProxyId own, FencedRoute route, AddressResolver resolver, Func<IPEndPoint?, LivenessAddress> liveness, RoleSteps steps, ILogger logger)
{
    private RoutingReason? explained;
    private volatile string? complaint;
    private ProxyReport? said;
    private IPEndPoint? lastPrimary;
    private long lastGoodTicks = -1;

    /// <summary>What was promised to the sentinels.</summary>
    public ProxyTerms Terms { get; private set; } = ProxyTerms.Initial;

    /// <summary>The generation acknowledged last; 0 = none.</summary>
    public long Generation { get; private set; }

    /// <summary>Why clients go where they go.</summary>
    public string Explanation => explained?.Text ?? "No check was good yet: no client is forwarded.";

    /// <summary>Why the last check failed; null when it did not.</summary>
    public string? Complaint => complaint;

    /// <summary>When the last good check began; null = none was good yet.</summary>
    public TimeSpan? LastGood => Interlocked.Read(ref lastGoodTicks) is var ticks and >= 0 ? TimeSpan.FromTicks(ticks) : null;

    /// <summary>Looks once.</summary>
    /// <param name="cancellationToken">The limit of the whole check.</param>
    /// <returns>How it ended. What failed is in the log, once.</returns>
    /// <exception cref="OperationCanceledException">The limit passed.</exception>
    public async Task<CheckResult> RunAsync(CancellationToken cancellationToken)
    {
        using var step = steps.Begin("proxy.check");
        var (began, before) = (route.Now, route.Destination);
        ClusterData? document;
        RoutingDecision decision;
        try
        {
            document = (await Limited(store.ReadAsync(cancellationToken), cancellationToken).ConfigureAwait(false))?.Data;
            decision = Router.Next(document, own, document?.Cluster.Spec.Validate() ?? []);
        }
        catch (ClusterDataException problem)
        {
            document = null;
            decision = Router.NotUnderstood([problem.Message]);
        }
        catch (StoreUnavailableException problem)
        {
            return Fail(problem.Message);
        }

        IPEndPoint? primary = null;
        if (decision.Primary is { } address)
        {
            (primary, var problem) = await resolver.ResolveAsync(address, cancellationToken).ConfigureAwait(false);
            decision = primary is null ? decision.WithoutAddress(problem) : decision;
        }

        lastPrimary = primary ?? lastPrimary;
        var destination = decision.Enabled ? primary : null;
        await route.LeaveAllButAsync(destination, cancellationToken).ConfigureAwait(false);
        Explain(decision);
        var result = decision.Understood
            ? await AcknowledgeAsync(began, document, decision, destination, cancellationToken).ConfigureAwait(false)
            : CheckResult.Failed;
        var after = route.Destination;
        step?.SetTag("revision", document?.Revision).SetTag("generation", Generation).SetTag("destination", after?.ToString())
            .SetTag("closed", before is not null && !before.Equals(after)).SetTag("opened", after is not null && !after.Equals(before));
        return result;
    }

    /// <summary>The check did not end in time.</summary>
    /// <param name="limit">Its limit.</param>
    public void FailLate(TimeSpan limit) => Fail($"The store did not answer within {limit.TotalSeconds:0.#} s.");

    /// <summary>The check met what it should not.</summary>
    /// <param name="problem">What.</param>
    public void FailBroken(Exception problem)
    {
        if (complaint is null)
        {
            logger.CheckBroke(problem);
        }

        complaint = problem.Message;
    }

    /// <summary>Says that all clients are closed and this proxy ends; nothing if it has said nothing before.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When said.</returns>
    /// <exception cref="StoreUnavailableException">It could not be said: others wait as for one that is silent.</exception>
    public async Task SayGoodbyeAsync(CancellationToken cancellationToken)
    {
        if (said is { } last)
        {
            var goodbye = last with { InfoUid = NewId(), Closed = true };
            await store.PublishAsync(goodbye, ProxyTerms.TimeToLive(last.ProxyTimeout), cancellationToken).AsTask().WaitAsync(cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <summary>The rest of a check, once no client is where it should not be.</summary>
    private async Task<CheckResult> AcknowledgeAsync(
        TimeSpan began,
        ClusterData? document,
        RoutingDecision decision,
        IPEndPoint? destination,
        CancellationToken cancellationToken)
    {
        var promised = Terms;
        if (document is not null && decision.Acknowledgement is not Acknowledgement.None)
        {
            var problem = await PublishAsync(document, decision.Generation, cancellationToken).ConfigureAwait(false);
            if (problem is not null && decision.Acknowledgement is Acknowledgement.Required)
            {
                return Fail(problem);
            }
        }

        // Was this proxy silent for so long that it may have been taken for gone, then what it read before it published is no
        // ground to forward on: the sentinel may have opened another primary in between. It is known again now, so the next look is.
        var known = destination is null || promised.Cover(route.Now);
        if (!route.TryAdopt(began + Terms.TimeoutInForce, known ? destination : null))
        {
            return Fail($"It took longer than proxyTimeout ({Terms.TimeoutInForce.TotalSeconds} s).");
        }

        Interlocked.Exchange(ref lastGoodTicks, began.Ticks);
        Succeed();
        return known ? CheckResult.Good : CheckResult.LookAgain;
    }

    /// <summary>Publishes this proxy's report.</summary>
    /// <returns>Null, or what went wrong.</returns>
    private async Task<string?> PublishAsync(ClusterData document, long generation, CancellationToken cancellationToken)
    {
        var settings = new ClusterSettings(document.Cluster.Spec);
        var timeout = Terms.TimeoutToPublish(settings);
        var began = route.Now;
        said = new ProxyReport
        {
            InfoUid = NewId(),
            Uid = own,
            Generation = generation,
            ProxyTimeout = timeout,
            DeadlineFromStart = true,
            ListenAddress = route.ListeningOn?.ToString() ?? "",
            LivenessAddress = liveness(lastPrimary),
        };
        try
        {
            await Limited(Published(), cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException problem)
        {
            return problem.Message;
        }

        (Terms, Generation) = (ProxyTerms.AfterPublication(settings, began), generation);
        return null;

        async ValueTask<bool> Published()
        {
            await store.PublishAsync(said, ProxyTerms.TimeToLive(timeout), cancellationToken).ConfigureAwait(false);
            return true;
        }
    }

    /// <summary>Eight random hex digits (M3).</summary>
    /// <returns>The id.</returns>
    internal static string NewId() => RandomNumberGenerator.GetHexString(8, lowercase: true);

    /// <summary>The store's own limit may come late, or not at all if it hangs.</summary>
    private static Task<T> Limited<T>(ValueTask<T> call, CancellationToken cancellationToken) =>
        call.AsTask().WaitAsync(cancellationToken);

    /// <summary>A change of the explanation is said once.</summary>
    private void Explain(RoutingDecision decision)
    {
        if (decision.Reason.Equals(explained))
        {
            return;
        }

        explained = decision.Reason;
        switch (decision)
        {
            case { Understood: false }:
                logger.NotUnderstood(decision.Reason.Text);
                break;
            case { Enabled: true } or { Reason: RoutingReason.NotEnabled or RoutingReason.NoRouting or RoutingReason.NoClusterData }:
                logger.Routed(decision.Reason.Text);
                break;
            default:
                logger.TurnedAway(decision.Reason.Text);
                break;
        }
    }

    private CheckResult Fail(string problem)
    {
        if (complaint is null)
        {
            logger.CheckFailed(problem);
        }

        complaint = problem;
        return CheckResult.Failed;
    }

    private void Succeed()
    {
        if (complaint is not null)
        {
            logger.ChecksGoodAgain();
        }

        complaint = null;
    }
}
