using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Stolon.Cluster;
using Stolon.Hosting.Keeper;
using Stolon.Hosting.Postgres;
using Stolon.Hosting.Time;
using Stolon.Integration.Hosting;
using Stolon.Postgres;

namespace Stolon.Integration.Keeper;

/// <summary>A primary that is not heard, or does not hear, stops itself before another may be elected.</summary>
[Trait("Rule", "S4")]
public sealed class FenceTests : IAsyncLifetime
{
    private static readonly ServerConfiguration Open = new(ValueMap<string, string>.Empty, [], RecoverySignal.None);

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly CancellationTokenSource ending = new();
    private readonly FakeInstance instance = new();
    private readonly StoreContact contact;
    private readonly FenceLoop fence;
    private Task running = Task.CompletedTask;

    public FenceTests()
    {
        contact = new StoreContact(time);
        var self = new KeeperId("k1");
        var memory = new KeeperMemory(self, new KeeperMetrics("orders", self, time, scope: null), time);
        fence = new FenceLoop(instance, contact, memory, time, enabled: true, NullLogger.Instance);
    }

    public ValueTask InitializeAsync()
    {
        Reach();
        instance.RunUp(Open);
        running = fence.RunAsync(ending.Token);
        return ValueTask.CompletedTask;
    }

    [Fact]
    [Trait("Rule", "Q22")]
    public async Task A_primary_is_stopped_fast_when_the_store_was_out_of_reach_for_the_failInterval_without_the_margin()
    {
        fence.Arm();
        await Eventually.Passes(TimeSpan.FromSeconds(7.5), time);
        instance.Did.All.Should().BeEmpty();

        await Eventually.Passes(TimeSpan.FromSeconds(1), time);

        instance.Did.All.Should().Equal("stop Fast");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_needs_to_be_heard_and_to_hear(bool isHeard)
    {
        fence.Arm();
        for (var second = 0; second < 9; second++)
        {
            await Eventually.Passes(TimeSpan.FromSeconds(1), time);
            if (isHeard)
            {
                contact.PublicationSucceeded(time.Now());
            }
            else
            {
                contact.ReadSucceeded(time.Now(), null);
            }
        }

        instance.Did.All.Should().Equal("stop Fast");
    }

    [Fact]
    public async Task A_primary_that_reaches_the_store_goes_on()
    {
        fence.Arm();
        for (var second = 0; second < 15; second++)
        {
            await Eventually.Passes(TimeSpan.FromSeconds(1), time);
            Reach();
        }

        instance.Did.All.Should().BeEmpty();
    }

    [Fact]
    public async Task A_fast_stop_that_takes_too_long_becomes_an_immediate_one_half_a_margin_later_and_the_guard_waits_until_the_last_quarter()
    {
        var start = time.Now();
        var stops = new List<(StopMode Mode, double At)>();
        instance.DuringStop = async (mode, ended) =>
        {
            stops.Add((mode, (time.Now() - start).TotalSeconds));
            await (mode == StopMode.Fast ? Task.Delay(Timeout.InfiniteTimeSpan, time, ended) : Task.CompletedTask);
        };
        fence.Arm();
        instance.Deadline.Should().Be(start + TimeSpan.FromSeconds(9), "a frozen keeper does not stop anybody");

        await Eventually.Passes(TimeSpan.FromSeconds(10), time);

        stops.Select(stop => stop.Mode).Should().Equal(StopMode.Fast, StopMode.Immediate);
        stops[0].At.Should().BeInRange(8, 8.3);
        stops[1].At.Should().BeInRange(9, 9.3);
        instance.Deadline.Should().Be(start + TimeSpan.FromSeconds(9.5));
    }

    [Fact]
    public async Task A_standby_runs_without_the_store_and_the_guard_has_no_deadline()
    {
        fence.Arm();
        fence.Disarm();

        await Eventually.Passes(TimeSpan.FromSeconds(30), time);

        instance.Did.All.Should().BeEmpty();
        instance.Deadline.Should().BeNull();
    }

    [Fact]
    public async Task A_renewal_that_comes_late_gives_no_deadline_to_what_has_become_a_standby()
    {
        for (var round = 0; round < 300; round++)
        {
            fence.Arm();
            var renewing = Task.Run(Reach, TestContext.Current.CancellationToken);
            fence.Disarm();
            await renewing;
        }

        await Eventually.Passes(TimeSpan.FromSeconds(1), time);
        instance.Deadline.Should().BeNull();
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_looked_at_is_stopped_to_be_sure()
    {
        instance.Look = () => throw new IOException("Input/output error");
        fence.Arm();

        await Eventually.Passes(TimeSpan.FromSeconds(9), time);

        instance.Did.All.Should().StartWith("stop Fast");
        running.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public void A_shorter_failInterval_counts_at_once_and_a_longer_one_only_when_everything_is_newer()
    {
        var start = time.Now();
        contact.ReadSucceeded(start, TimeSpan.FromSeconds(5));
        contact.Deadline(limits => limits.Fast).Should().Be(start + TimeSpan.FromSeconds(4));

        time.Advance(TimeSpan.FromSeconds(1));
        contact.ReadSucceeded(time.Now(), TimeSpan.FromSeconds(20));
        contact.Deadline(limits => limits.Fast).Should().Be(start + TimeSpan.FromSeconds(4), "a sentinel may still act on the shorter one");

        time.Advance(TimeSpan.FromSeconds(1));
        contact.ReadSucceeded(time.Now(), TimeSpan.FromSeconds(20));
        contact.PublicationSucceeded(time.Now());
        contact.Deadline(limits => limits.Fast).Should().Be(time.Now() + TimeSpan.FromSeconds(16));
    }

    [Fact]
    public void An_earlier_read_that_ends_later_takes_nothing_back()
    {
        var start = time.Now();
        time.Advance(TimeSpan.FromSeconds(3));
        Reach();
        contact.ReadSucceeded(start, null);

        contact.Deadline(limits => limits.Fast).Should().Be(time.Now() + TimeSpan.FromSeconds(8));
    }

    [Fact]
    public void A_store_that_was_never_reached_both_ways_allows_nothing()
    {
        var never = new StoreContact(time);
        never.ReadSucceeded(time.Now(), TimeSpan.FromSeconds(10));

        never.Heard.Should().BeFalse();
        never.Deadline(limits => limits.Fast).Should().BeNull();
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await running;
        ending.Dispose();
    }

    private void Reach()
    {
        contact.ReadSucceeded(time.Now(), TimeSpan.FromSeconds(10));
        contact.PublicationSucceeded(time.Now());
    }
}

/// <summary>Whether a document that is not understood is contact with the store (S4, S10).</summary>
[Trait("Rule", "S4")]
[Trait("Rule", "S10")]
public sealed class NotUnderstoodTests
{
    [Fact]
    public async Task A_specification_with_a_mistake_leaves_the_primary_that_it_still_names_in_service()
    {
        await using var scene = new KeeperScene().WithItsData();
        await scene.StartAsync();
        await scene.UntilAsync(() => scene.Instance.Did.All.Contains("apply open"));
        await BreakAsync(scene, scene.Document.Cluster.Status.Primary);

        await scene.PassAsync(20);

        scene.Instance.Did.All.Should().NotContain(entry => entry.StartsWith("stop", StringComparison.Ordinal));
        scene.Memory.Trouble.Should().Contain("$.sleepInterval");
    }

    [Fact]
    public async Task A_specification_with_a_mistake_beside_another_primary_lets_the_old_one_fence_itself()
    {
        await using var scene = new KeeperScene().WithItsData();
        await scene.StartAsync();
        await scene.UntilAsync(() => scene.Instance.Did.All.Contains("apply open"));
        await BreakAsync(scene, new DbId("db2"));

        await scene.UntilAsync(() => scene.Instance.Did.All.Contains("stop Fast"));
    }

    [Fact]
    public async Task A_document_that_cannot_be_read_lets_the_primary_fence_itself_since_it_may_name_another()
    {
        await using var scene = new KeeperScene().WithItsData();
        await scene.StartAsync();
        await scene.UntilAsync(() => scene.Instance.Did.All.Contains("apply open"));
        scene.Store.BeforeRead = () => throw new ClusterDataException("$.formatVersion: expected 1, found 2");

        await scene.UntilAsync(() => scene.Instance.Did.All.Contains("stop Fast"));
    }

    private static Task BreakAsync(KeeperScene scene, DbId? primary) => scene.ChangeAsync(data => data with
    {
        Cluster = data.Cluster with
        {
            Spec = data.Cluster.Spec with { SleepInterval = TimeSpan.FromSeconds(-1) },
            Status = data.Cluster.Status with { Primary = primary },
        },
    });
}
