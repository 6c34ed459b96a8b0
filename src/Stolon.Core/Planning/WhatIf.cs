using System.Collections.Immutable;
using System.Globalization;
using Stolon.Cluster;
using Stolon.Observation;

namespace Stolon.Planning;

/// <summary>What the planner is asked. Nothing in it is read from a clock or a store, so that the same question has the same answer.</summary>
public sealed record WhatIfQuestion
{
    /// <summary>The document.</summary>
    public required ClusterData Data { get; init; }

    /// <summary>
    /// What keepers report; null = the status in the document is taken as it is. Reports are taken as settled: a keeper of the document that
    /// is missing here has been silent, and an instance that is reported ill has been ill, for longer than failInterval.
    /// </summary>
    public ImmutableArray<KeeperReport>? Keepers { get; init; }

    /// <summary>What keepers last reported, for what the document does not hold. It never decides whether one is alive.</summary>
    public ImmutableArray<KeeperReport> LastReports { get; init; } = [];

    /// <summary>The proxies that may still forward clients; null = those that the document has enabled, as they should be.</summary>
    public ImmutableArray<ProxyReport>? Proxies { get; init; }

    /// <summary>The time of the pass; null = when the document was written.</summary>
    public DateTimeOffset? Now { get; init; }
}

/// <summary>What the planner would do.</summary>
/// <param name="Next">The next document.</param>
/// <param name="Reasons">Why, and why not.</param>
/// <param name="WakeAt">When time alone could change the plan; null = never.</param>
/// <param name="IsWritten">A sentinel would write it: there is more to it than change times (Q2).</param>
public sealed record WhatIfAnswer(ClusterData Next, ImmutableArray<Reason> Reasons, DateTimeOffset? WakeAt, bool IsWritten);

/// <summary>One pass of a sentinel on data from anywhere: for questions, and for post-mortems.</summary>
public static class WhatIf
{
    /// <summary>Longer than every interval: what was never otherwise has been so for long enough.</summary>
    private static readonly TimeSpan LongAfter = TimeSpan.FromDays(36_500);

    /// <summary>Runs the pass.</summary>
    /// <param name="question">The question.</param>
    /// <returns>The answer; new ids are 00000001, 00000002 and so on.</returns>
    /// <exception cref="ClusterDataException">The specification in the document is not valid: no sentinel would plan on it.</exception>
    public static WhatIfAnswer Ask(WhatIfQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        if (question.Data.Cluster.Spec.Validate() is { IsEmpty: false } mistakes)
        {
            throw new ClusterDataException($"The cluster specification is not valid: {string.Join("; ", mistakes)}");
        }

        var now = TimeOf(question);
        var (observed, active, memory) = Look(question, now);
        var plan = Planner.Next(observed, active, memory, new PlannerInputs(now, Ids(question.Data)));
        return new WhatIfAnswer(
            plan.Next,
            plan.Reasons,
            plan.WakeAt is { } instant ? now.Wall + (instant - now.Monotonic) : null,
            PlannedWrite.IsNeeded(question.Data, plan.Next));
    }

    /// <summary>The instant of a question's pass.</summary>
    internal static PassTime TimeOf(WhatIfQuestion question) =>
        new(LongAfter, question.Now ?? question.Data.ChangeTime.ToDateTimeOffset());

    /// <summary>What a sentinel would see, and would have seen.</summary>
    internal static (ClusterData Observed, ImmutableArray<ProxyReport> Active, SentinelMemory Memory) Look(WhatIfQuestion question, PassTime now)
    {
        var memory = Remember(question.Data, question.Keepers ?? question.LastReports, now);
        var proxies = question.Proxies ?? Enabled(question.Data);
        if (question.Keepers is not { } reports)
        {
            return (question.Data, [.. proxies.Where(proxy => !proxy.Closed).OrderBy(proxy => proxy.Uid)], memory);
        }

        var observation = Observe.Reports(question.Data, reports, proxies, memory, now);
        return (observation.Data, observation.ActiveProxies, observation.Memory);
    }

    /// <summary>The proxies that the document has enabled, as they report when they do what it says.</summary>
    private static ImmutableArray<ProxyReport> Enabled(ClusterData data)
    {
        var timeout = new ClusterSettings(data.Cluster.Spec).ProxyTimeout;
        return
        [
            .. data.Proxy.Spec.EnabledProxies
                .Select(uid => new ProxyReport { InfoUid = uid.Value, Uid = uid, Generation = data.Proxy.Generation, ProxyTimeout = timeout }),
        ];
    }

    private static SentinelMemory Remember(ClusterData data, ImmutableArray<KeeperReport> reports, PassTime now) => new()
    {
        Since = TimeSpan.Zero,
        Keepers = new(reports
            .Where(report => report.ClusterUid == data.Cluster.Uid)
            .Select(report => KeyValuePair.Create(report.Uid, new SeenKeeper(report, now.Monotonic, Alive: true)))),

        // One that never converged is being made, which is no illness.
        Databases = new(data.Databases.Values
            .Where(db => db.Status.CurrentGeneration != Database.NoGeneration)
            .Select(db => KeyValuePair.Create(db.Uid, new SeenDatabase { IllSince = TimeSpan.Zero }))),

        // Nobody's last words are awaited: what is given is all there is.
        DeadPrimary = data.Primary is { } primary ? new DeadPrimary(primary.Uid, TimeSpan.Zero) : null,
    };

    /// <summary>Ids in order, without those that the document has.</summary>
    private static Func<string> Ids(ClusterData data)
    {
        var last = 0;
        return () =>
        {
            string id;
            do
            {
                id = (++last).ToString("x8", CultureInfo.InvariantCulture);
            }
            while (data.Databases.Find(new DbId(id)) is not null);

            return id;
        };
    }
}
