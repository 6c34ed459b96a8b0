using System.Collections.Immutable;
using BenchmarkDotNet.Attributes;
using Stolon.Cluster;
using Stolon.Core.Tests.Planning;
using Stolon.Observation;
using Stolon.Planning;

namespace Stolon.Benchmarks;

/// <summary>What a sentinel's pass costs beside the store: observing all reports and planning. Two proxies, and as many standbys as there are keepers left.</summary>
[MemoryDiagnoser]
public class PlannerBenchmarks
{
    private Pass steady = null!;
    private Pass election = null!;

    /// <summary>The keepers of the cluster, each with a db.</summary>
    [Params(3, 50, 500)]
    public int Keepers { get; set; }

    /// <summary>Makes both scenes, and proves that they are what they are called.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        var story = Healthy();
        steady = Pass.Of(story.Heartbeats());
        election = Pass.Of(PrimaryJustFailed(Healthy()));

        if (!steady.Plan().Reasons.IsEmpty || PlannedWrite.IsNeeded(story.Data, steady.Plan()))
        {
            throw new InvalidOperationException($"This is no steady pass: {string.Join("; ", steady.Plan().Reasons)}");
        }

        if (!election.Plan().Reasons.Any(reason => reason is Reason.PrimaryElected))
        {
            throw new InvalidOperationException($"Nobody is elected: {string.Join("; ", election.Plan().Reasons)}");
        }
    }

    /// <summary>Everybody has reported again, and nothing is to be changed.</summary>
    /// <returns>The plan.</returns>
    [Benchmark(Baseline = true)]
    public Plan Steady() => steady.Plan();

    /// <summary>The pass that elects another primary.</summary>
    /// <returns>The plan.</returns>
    [Benchmark]
    public Plan Election() => election.Plan();

    /// <summary>Finding out that a steady plan need not be written.</summary>
    /// <returns>False.</returns>
    [Benchmark]
    public bool Comparison() => PlannedWrite.IsNeeded(steady.Data, steady.Planned);

    private Story Healthy()
    {
        var story = Story.Healthy(Keepers, spec => spec with { MaxStandbysPerSender = Keepers });
        for (var n = 2; n <= Keepers; n++)
        {
            story.Reports(n, state => state with { WalReceiver = WalReceiverState.Streaming });
        }

        story.Pass();
        var generation = story.Data.Proxy.Generation;
        story.Proxy("proxy1", generation).Proxy("proxy2", generation).Pass();
        generation = story.Data.Proxy.Generation;
        story.Proxy("proxy1", generation).Proxy("proxy2", generation).Settle();
        return story;
    }

    private Story PrimaryJustFailed(Story story)
    {
        story.Silences(1);
        for (var n = 2; n <= Keepers; n++)
        {
            story.Reports(n, state => state with { WalReceiver = WalReceiverState.Gone });
        }

        return story.Passes(9).Waits(2).Heartbeats();
    }

    /// <summary>What a pass is given.</summary>
    private sealed record Pass(Story Story)
    {
        private readonly ImmutableArray<KeeperReport> keepers = Story.KeeperReports;
        private readonly ImmutableArray<ProxyReport> proxies = Story.ProxyReports;

        public ClusterData Data { get; } = Story.Data;

        public Plan Planned { get; private init; } = null!;

        public static Pass Of(Story story)
        {
            var pass = new Pass(story);
            return pass with { Planned = pass.Plan() };
        }

        public Plan Plan()
        {
            var seen = Observe.Reports(Data, keepers, proxies, Story.Memory, Story.Time);
            return Planner.Next(seen.Data, seen.ActiveProxies, seen.Memory, new PlannerInputs(Story.Time, () => "db0"));
        }
    }
}
